// Bundles scripts and styles into dist/assets under names that carry their hash, and writes dist/manifest.json.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));
const dist = join(web, 'dist');
const assets = join(dist, 'assets');
rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

const result = await build({
  absWorkingDir: web,
  entryPoints: ['src/exam.ts', 'src/system_check.ts', 'src/staff.ts', 'src/item_preview.ts', 'styles/assay.css'],
  outdir: assets,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  legalComments: 'external',
  entryNames: '[name]-[hash]',
  alias: { '#proto': join(dist, 'gen', 'assay', 'v1') },
  metafile: true,
  logLevel: 'warning',
});

const manifest = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint === undefined) continue;
  manifest[basename(output.entryPoint).replace(/\.ts$/, '.js')] = basename(path);
}
for (const name of readdirSync(join(web, 'styles')).filter((file) => file.endsWith('.svg'))) {
  const bytes = readFileSync(join(web, 'styles', name));
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase();
  manifest[name] = name.replace(/\.svg$/, `-${hash}.svg`);
  writeFileSync(join(assets, manifest[name]), bytes);
}
// Written beside and renamed: a server that starts meanwhile reads the old manifest or the new one.
const text = JSON.stringify(Object.fromEntries(Object.entries(manifest).sort()), null, 2) + '\n';
writeFileSync(join(dist, 'manifest.json.new'), text);
renameSync(join(dist, 'manifest.json.new'), join(dist, 'manifest.json'));

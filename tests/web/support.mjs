// What the page tests share. Node 18's own test runner; packages come from web/node_modules.
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const source = process.env.ASSAY_SOURCE_DIR ?? fileURLToPath(new URL('../..', import.meta.url));
export const web = join(source, 'web');
export const require = createRequire(join(web, 'package.json'));

const scratch = mkdtempSync(join(tmpdir(), 'assay-web-test-'));
let modules = 0;

/** A TypeScript module of web/src (or text that imports from there), as Node can load it. */
export async function load(contents) {
  const { build } = require('esbuild');
  const outfile = join(scratch, `module-${(modules += 1)}.mjs`);
  await build({
    stdin: { contents, resolveDir: join(web, 'src'), loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    alias: { '#proto': join(web, 'dist', 'gen', 'assay', 'v1') },
    logLevel: 'silent',
  });
  return import(pathToFileURL(outfile).href);
}

export const messages = (language) => JSON.parse(readFileSync(join(web, 'messages', `${language}.json`), 'utf8'));

const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.jpg': 'image/svg+xml' };
const face =
  '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="#8a949c"/>' +
  '<circle cx="320" cy="200" r="90" fill="#d9b99b"/><path d="M140 480c10-120 80-170 180-170s170 50 180 170" fill="#3d5a73"/></svg>';

/** The folder that assay-page-preview wrote, served under the policy of the real server. */
export async function servePreviews(folder) {
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' wss:; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = path.startsWith('/assets/') ? join(web, 'dist', path) : join(folder, path.endsWith('/brand.css') ? 'brand.css' : path);
    let body;
    try {
      body = path === '/face.jpg' ? face : readFileSync(file);
    } catch {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream', 'content-security-policy': policy });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://localhost:${server.address().port}`, close: () => server.close() };
}

export function launchChromium(options = []) {
  const { chromium } = require('playwright-core');
  const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...flags, ...options] });
}

const axeSource = () => readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page as it stands, one line a finding. */
export async function accessibilityFindings(page) {
  await page.evaluate(axeSource());
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id} (${one.help}): ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`));
}

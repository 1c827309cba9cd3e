// Generates dist/gen/assay/v1/*_pb.ts from ../proto with Debian's protoc and the plugin of the lock file.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const web = fileURLToPath(new URL('..', import.meta.url));
const proto = join(web, '..', 'proto');
const out = join(web, 'dist', 'gen');
mkdirSync(out, { recursive: true });
const files = readdirSync(join(proto, 'assay', 'v1')).filter((name) => name === 'exam.proto' || name === 'proctor.proto');
execFileSync(
  'protoc',
  [
    `--plugin=protoc-gen-es=${join(web, 'node_modules', '.bin', 'protoc-gen-es')}`,
    `--es_out=${out}`,
    '--es_opt=target=ts,import_extension=none',
    `-I${proto}`,
    ...files.map((name) => join(proto, 'assay', 'v1', name)),
  ],
  { stdio: 'inherit' },
);

// Packs the extension for the platform whose server lies in server/, and holds it to its bounds:
// no warning of vsce's, under 60 MB.
//
//   node scripts/package.mjs [--out FILE] [--without-server]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MOST = 60_000_000; // bytes
const extension = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);

function target() {
  const alpine =
    process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
  return `${alpine ? 'alpine' : process.platform}-${process.arch}`;
}

function fail(message) {
  console.error(`package: ${message}`);
  process.exit(1);
}

const program = path.join(
  extension,
  'server',
  'koze-lsp',
  process.platform === 'win32' ? 'koze-lsp.exe' : 'koze-lsp',
);
const withServer = !words.includes('--without-server');
if (withServer && !existsSync(program)) {
  fail(
    'there is no server in vscode-extension/server; run `python scripts/build_server.py --vscode`, or give --without-server',
  );
}
const out = path.resolve(
  words.includes('--out')
    ? words[words.indexOf('--out') + 1]
    : path.join(extension, '..', 'dist', `koze-lsp-${target()}.vsix`),
);
mkdirSync(path.dirname(out), { recursive: true });

// Pictures in the README are addressed relative to it; where the repository is published is not this script's to know.
const flags = [
  '--no-dependencies',
  '--allow-missing-repository',
  '--no-rewrite-relative-links',
  '--out',
  out,
];
if (withServer) {
  flags.push('--target', target());
}
const vsce = path.join(extension, 'node_modules', '@vscode', 'vsce', 'vsce');
const run = spawnSync(process.execPath, [vsce, 'package', ...flags], { cwd: extension, encoding: 'utf8' });
process.stdout.write(run.stdout);
process.stderr.write(run.stderr);
if (run.status !== 0) {
  fail('vsce failed');
}
if (/^\s*WARNING\b/m.test(run.stdout + run.stderr)) {
  fail('vsce warned');
}
const { size } = statSync(out);
console.log(`${out}: ${(size / 1e6).toFixed(1)} MB`);
if (size >= MOST) {
  fail(`larger than ${MOST / 1e6} MB`);
}

// Writes the server's settings into package.json from the server's own schema, so that both never differ.
//
//   koze-lsp schema --editor | node scripts/generate-settings.mjs            rewrite contributes.configuration
//   node scripts/generate-settings.mjs --schema FILE [--check]               from a file; --check only compares
//   node scripts/generate-settings.mjs --command PROGRAM [--check]           runs `PROGRAM schema --editor`
//
// Settings of the extension itself (koze.server.*, koze.trace.*) are written by hand and stay.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { merge } from './settings.mjs';

const MANIFEST = new URL('../package.json', import.meta.url);

function readSchema(options) {
  if (options.command !== undefined) {
    return JSON.parse(execFileSync(options.command, ['schema', '--editor'], { encoding: 'utf8' }));
  }
  return JSON.parse(readFileSync(options.schema ?? 0, 'utf8'));
}

function main() {
  const words = process.argv.slice(2);
  const after = (flag) => (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
  const text = readFileSync(MANIFEST, 'utf8');
  const result = `${JSON.stringify(merge(JSON.parse(text), readSchema({ schema: after('--schema'), command: after('--command') })), null, 2)}\n`;
  if (result === text) {
    console.log('settings: up to date');
  } else if (words.includes('--check')) {
    console.error(
      "settings: package.json differs from the server's schema; run `npm run settings -- --command koze-lsp`",
    );
    process.exitCode = 1;
  } else {
    writeFileSync(MANIFEST, result);
    console.log('settings: package.json rewritten');
  }
}

try {
  main();
} catch (error) {
  console.error(`settings: ${error.message}`);
  process.exitCode = 2;
}

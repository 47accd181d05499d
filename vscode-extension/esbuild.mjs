// Bundles the extension into dist/extension.js; with --tests, the unit tests into dist-tests/.
import * as esbuild from 'esbuild';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');

const shared = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  logLevel: 'warning',
};

async function buildTests() {
  rmSync('dist-tests', { recursive: true, force: true });
  const entryPoints = readdirSync('tests/unit').filter((name) => name.endsWith('.test.ts'));
  await esbuild.build({
    ...shared,
    entryPoints: entryPoints.map((name) => `tests/unit/${name}`),
    outdir: 'dist-tests',
  });
}

async function buildExtension() {
  const options = {
    ...shared,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    minify: production,
    sourcemap: production ? false : 'linked',
    // vscode-languageclient and its dependencies ship ES modules too; the bundle is smaller from those.
    mainFields: ['module', 'main'],
  };
  if (flags.has('--watch')) {
    const context = await esbuild.context(options);
    await context.watch();
    console.log('watching');
  } else {
    const { metafile } = await esbuild.build({ ...options, metafile: true });
    writeNotices(Object.keys(metafile.inputs));
  }
}

/** The licences of the packages that the bundle holds, beside it. */
function writeNotices(inputs) {
  const folders = inputs.map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  const parts = [...new Set(folders.filter((folder) => folder !== undefined))].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined ? `Licence: ${license}` : readFileSync(`${folder}/${file}`, 'utf8').trim();
    return `${'='.repeat(78)}\n${name} ${version}\n${'='.repeat(78)}\n\n${text}\n`;
  });
  writeFileSync('dist/LICENSES.txt', parts.join('\n'));
}

await (flags.has('--tests') ? buildTests() : buildExtension());

// Rebuilds koze_lsp/preview/vendor from pinned npm packages: `node scripts/vendor_js.mjs`.
// Each bundle is one expression of a plain script: (function(){…})() gives its exports. The texts of the
// licences of everything in a bundle stand beside it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', 'koze_lsp', 'preview', 'vendor');
const folder = mkdtempSync(join(tmpdir(), 'koze-vendor-'));
cpSync(join(here, 'vendor_js'), folder, { recursive: true });
execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: 'inherit' });
const { build } = createRequire(join(folder, 'package.json'))('esbuild');

const packageOf = (file) => {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
  return match === null ? null : match[1];
};
const licenceOf = (root) => {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const file = readdirSync(root).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? `Licence: ${license} (the package has no file of its own)` : readFileSync(join(root, file), 'utf8').trim();
  return `${name} ${version}\n\n${text}\n`;
};

for (const name of ['compiler', 'web']) {
  const result = await build({
    absWorkingDir: folder, entryPoints: [`${name}.mjs`], bundle: true, minify: true, write: false, metafile: true,
    format: 'iife', globalName: 'bundle', target: 'es2022', platform: 'neutral', mainFields: ['module', 'main'], conditions: ['import'],
    legalComments: 'none', charset: 'ascii',
  });
  const code = result.outputFiles[0].text.trim();
  writeFileSync(join(target, `${name}.js`), `(function(){${code}\nreturn bundle})()\n`);
  const roots = new Set(Object.keys(result.metafile.inputs).map(packageOf).filter((root) => root !== null));
  const licences = [...roots].sort().map((root) => licenceOf(join(folder, root)));
  writeFileSync(join(target, `${name}.LICENSES.txt`), licences.join(`\n${'-'.repeat(80)}\n\n`));
  console.log(`${name}.js: ${code.length} characters, ${[...roots].length} packages${existsSync(target) ? '' : ' (no target)'}`);
}

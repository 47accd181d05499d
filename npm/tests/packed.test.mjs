// Both packages as they would be published: packed, installed without a network, run without Python.
// Needs npm/platforms/ (python scripts/build_server.py --npm); told and skipped without it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const npm = fileURLToPath(new URL('..', import.meta.url));
const { platformName } = createRequire(import.meta.url)('../koze-lsp/lib/resolve.js');
const platform = path.join(npm, 'platforms', platformName());
const skip = existsSync(platform) ? false : 'npm/platforms is not built';

test('npx koze-lsp runs from the packed packages with no Python on PATH', { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'koze-packed-'));
  try {
    for (const source of [platform, path.join(npm, 'koze-lsp')]) {
      execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: source, stdio: 'pipe' });
    }
    writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
    const packed = readdirSync(folder)
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => `./${name}`);
    execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', ...packed], {
      cwd: folder,
      stdio: 'pipe',
    });

    const bare = path.join(folder, 'bare');
    mkdirSync(bare);
    symlinkSync(process.execPath, path.join(bare, 'node'));
    const bin = path.join(folder, 'node_modules', '.bin', 'koze-lsp');
    const version = spawnSync(bin, ['--version'], { env: { PATH: bare }, encoding: 'utf8' });
    assert.equal(version.status, 0, version.stderr);
    assert.match(version.stdout, /\d+\.\d+\.\d+/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

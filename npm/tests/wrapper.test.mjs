// The wrapper: which package it takes, what it says when there is none, and that it is transparent to its caller.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { platformName, resolveProgram } = require('../koze-lsp/lib/resolve.js');
const bin = fileURLToPath(new URL('../koze-lsp/bin/koze-lsp.js', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'koze-npm-'));
after(() => rmSync(folder, { recursive: true }));

const machine = (platform, arch, glibc) => ({
  platform,
  arch,
  env: {},
  report: { getReport: () => ({ header: glibc ? { glibcVersionRuntime: '2.36' } : {} }) },
});

function program(script) {
  const file = path.join(folder, `program-${Math.random().toString(36).slice(2)}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { ...process.env, KOZE_LSP_BINARY: file };
}

test('platforms are named as the packages are', () => {
  assert.equal(platformName(machine('linux', 'x64', true)), 'linux-x64');
  assert.equal(platformName(machine('linux', 'arm64', false)), 'alpine-arm64');
  assert.equal(platformName(machine('darwin', 'arm64', false)), 'darwin-arm64');
  assert.equal(platformName(machine('win32', 'x64', false)), 'win32-x64');
});

test('the program lies beside the manifest of its package', () => {
  const found = resolveProgram(machine('linux', 'x64', true), (name) => `/n/${name}`);
  assert.equal(found, '/n/@koze-lsp/linux-x64/server/koze-lsp');
});

test('without a package the message names it and the way out, and the exit code is 2', () => {
  const missing = () => {
    throw new Error('not found');
  };
  assert.throws(() => resolveProgram(machine('sunos', 'x64', true), missing), /sunos-x64[\s\S]*pip install/);
  const run = spawnSync(process.execPath, [bin], {
    env: { ...process.env, KOZE_LSP_BINARY: '/nowhere/koze-lsp' },
    encoding: 'utf8',
  });
  assert.equal(run.status, 2);
  assert.match(run.stderr, /can't be run/);
});

test('arguments, both streams and the exit code pass through', () => {
  const env = program('cat; echo "$@" >&2; exit 7');
  const run = spawnSync(process.execPath, [bin, '--check', 'a b'], { env, input: 'in', encoding: 'utf8' });
  assert.deepEqual([run.status, run.stdout, run.stderr], [7, 'in', '--check a b\n']);
});

test('a signal reaches the program, and its end is told as shells do', async () => {
  const env = program('echo ready; exec sleep 20');
  const child = spawn(process.execPath, [bin], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGTERM');
  const code = await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(code, 143);
});

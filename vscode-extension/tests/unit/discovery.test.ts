import assert from 'node:assert/strict';
import * as os from 'node:os';
import { test } from 'node:test';
import { expand, findServer, isFound, type DiscoveryInput } from '../../src/server/discovery';

const ENVIRONMENT = '/app/.venv/bin/koze-lsp';
const SHIPPED = '/ext/server/koze-lsp/koze-lsp';
const ON_PATH = '/usr/bin/koze-lsp';

function search(existing: string[], change: Partial<DiscoveryInput> = {}) {
  const files = new Set(existing);
  return findServer({
    setting: '',
    folders: ['/app'],
    trusted: true,
    extensionPath: '/ext',
    platform: 'linux',
    env: { PATH: '/usr/local/bin:/usr/bin' },
    isExecutable: (file) => files.has(file),
    ...change,
  });
}

test('the order is setting, environment, shipped, PATH', () => {
  const all = ['/own/koze-lsp', ENVIRONMENT, SHIPPED, ON_PATH];
  assert.deepEqual(search(all, { setting: '/own/koze-lsp' }), {
    command: '/own/koze-lsp',
    origin: 'setting',
  });
  assert.deepEqual(search(all), { command: ENVIRONMENT, origin: 'environment' });
  assert.deepEqual(search([SHIPPED, ON_PATH]), { command: SHIPPED, origin: 'shipped' });
  assert.deepEqual(search([ON_PATH]), { command: ON_PATH, origin: 'path' });
});

test('an untrusted workspace brings no program of its own', () => {
  assert.deepEqual(search([ENVIRONMENT, SHIPPED], { trusted: false }), {
    command: SHIPPED,
    origin: 'shipped',
  });
});

test('a setting that names nothing is an error, not a reason to take another server', () => {
  assert.deepEqual(search([SHIPPED], { setting: '/gone' }), { reason: 'setting', looked: ['/gone'] });
});

test('where nothing is found the places are told', () => {
  const result = search([]);
  assert.ok(!isFound(result));
  assert.equal(result.reason, 'none');
  assert.ok(result.looked.includes(SHIPPED));
});

test('a relative PATH entry is not followed into the workspace', () => {
  assert.ok(!isFound(search(['bin/koze-lsp', './koze-lsp'], { env: { PATH: 'bin:.' } })));
});

test('Windows has its own folders and endings', () => {
  const found = search(['C:\\app\\venv\\Scripts\\koze-lsp.exe'], {
    platform: 'win32',
    folders: ['C:\\app'],
    extensionPath: 'C:\\ext',
  });
  assert.deepEqual(found, { command: 'C:\\app\\venv\\Scripts\\koze-lsp.exe', origin: 'environment' });
  const onPath = search(['D:\\npm\\koze-lsp.cmd'], {
    platform: 'win32',
    folders: [],
    extensionPath: 'C:\\ext',
    env: { Path: 'C:\\x;D:\\npm' },
  });
  assert.deepEqual(onPath, { command: 'D:\\npm\\koze-lsp.cmd', origin: 'path' });
});

test('~ and ${workspaceFolder} are replaced, a relative path starts at the first folder', () => {
  assert.equal(expand('~/x', []), `${os.homedir()}/x`);
  assert.equal(expand('${workspaceFolder}/x', ['/app', '/other']), '/app/x');
  assert.equal(expand('tools/x', ['/app']), '/app/tools/x');
});

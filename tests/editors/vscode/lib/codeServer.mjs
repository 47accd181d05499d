// A real VS Code on loopback: installs the .vsix under test, starts, and stops its whole process group.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { E2E, RUN } from './paths.mjs';

const ENTRY = path.join(E2E, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
const DATA = path.join(RUN, 'data');
const EXTENSIONS = path.join(RUN, 'extensions');
const COMMON = [
  '--config',
  path.join(E2E, 'cs.yaml'),
  '--user-data-dir',
  DATA,
  '--extensions-dir',
  EXTENSIONS,
];

/** What the editor must leave alone, so that a test sees its own doing only. */
const SETTINGS = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'editor.minimap.enabled': false,
  'editor.autoClosingBrackets': 'never',
  'html.autoClosingTags': false,
  'git.enabled': false,
  'files.autoSave': 'off',
  'workbench.colorTheme': 'Default Dark Modern',
  'extensions.ignoreRecommendations': true,
  'explorer.confirmDragAndDrop': false,
};

/** A PATH with what VS Code itself calls, and no Python: the shipped server must do without. */
function barePath() {
  const folder = path.join(RUN, 'bin');
  mkdirSync(folder, { recursive: true });
  for (const name of [
    'sh',
    'bash',
    'env',
    'uname',
    'cat',
    'ps',
    'rg',
    'dirname',
    'readlink',
    'sed',
    'which',
  ]) {
    const found = ['/usr/bin', '/bin'].map((place) => path.join(place, name)).find(existsSync);
    if (found !== undefined) {
      symlinkSync(found, path.join(folder, name));
    }
  }
  symlinkSync(process.execPath, path.join(folder, 'node'));
  return folder;
}

function environment() {
  const { HOME, LANG, TMPDIR } = process.env;
  const own = path.join(RUN, 'xdg');
  return {
    ...Object.fromEntries(Object.entries({ HOME, LANG, TMPDIR }).filter(([, value]) => value !== undefined)),
    PATH: path.join(RUN, 'bin'),
    SHELL: '/bin/sh',
    VSCODE_CLI: '1', // or VS Code asks a login shell for its PATH
    XDG_CONFIG_HOME: own,
    XDG_DATA_HOME: own,
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  };
}

export async function startCodeServer(vsix, settings = {}) {
  if (!existsSync(ENTRY)) {
    throw new Error('VS Code is not set up; run scripts/setup_vscode_e2e.sh');
  }
  // What an earlier server leaves while it dies must not stop the new one.
  rmSync(RUN, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  mkdirSync(path.join(DATA, 'User'), { recursive: true });
  barePath();
  writeFileSync(path.join(E2E, 'cs.yaml'), 'bind-addr: 127.0.0.1:8080\nauth: none\ncert: false\n');
  writeFileSync(
    path.join(DATA, 'User', 'settings.json'),
    JSON.stringify({ ...SETTINGS, ...settings }, null, 2),
  );
  const env = environment();
  execFileSync(process.execPath, [ENTRY, ...COMMON, '--install-extension', vsix], { env, stdio: 'pipe' });

  const port = await freePort();
  const log = openSync(path.join(RUN, 'code-server.log'), 'w');
  const flags = [
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${port}`,
    '--disable-telemetry',
    '--disable-update-check',
  ];
  const more = ['--disable-getting-started-override'];
  const child = spawn(process.execPath, [ENTRY, ...COMMON, ...flags, ...more], {
    env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  const stop = () => killGroup(child.pid);
  process.once('exit', stop);
  await healthy(port, child);
  return { port, origin: `http://127.0.0.1:${port}`, stop };
}

/** Ends code-server and everything that it started: watchers, extension hosts, language servers. */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

async function healthy(port, child) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) {
      break;
    }
    try {
      if ((await fetch(`http://127.0.0.1:${port}/healthz`)).ok) {
        return;
      }
    } catch {
      // Not up yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`code-server did not start; see ${path.join(RUN, 'code-server.log')}`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

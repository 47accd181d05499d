'use strict';

const path = require('node:path');

/** The platform as the packages are named, such as linux-x64, alpine-arm64 or win32-x64. */
function platformName(runtime = process) {
  const system = runtime.platform === 'linux' && !usesGlibc(runtime) ? 'alpine' : runtime.platform;
  return `${system}-${runtime.arch}`;
}

function usesGlibc(runtime) {
  // Node tells the C library it runs on; without a report glibc is the better guess.
  const header = runtime.report?.getReport?.()?.header;
  return header === undefined || header.glibcVersionRuntime !== undefined;
}

/** The path of the program for this platform. Throws an Error whose message says what to do. */
function resolveProgram(runtime = process, locate = require.resolve) {
  const override = runtime.env.KOZE_LSP_BINARY;
  if (override) {
    return override;
  }
  const name = platformName(runtime);
  try {
    const manifest = locate(`@koze-lsp/${name}/package.json`);
    const program = runtime.platform === 'win32' ? 'koze-lsp.exe' : 'koze-lsp';
    return path.join(path.dirname(manifest), 'server', program);
  } catch {
    throw new Error(
      `koze-lsp: there is no program for ${name}.\n` +
        `If your platform has one, the optional dependency @koze-lsp/${name} was left out: install again without ` +
        '--omit=optional (a lockfile from another platform can cause it too).\n' +
        'Otherwise use Python: pip install koze-lsp, or name a program in KOZE_LSP_BINARY.',
    );
  }
}

module.exports = { platformName, resolveProgram };

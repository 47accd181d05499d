#!/usr/bin/env node
'use strict';

// Runs the program of this platform as if it had been called itself: same arguments, streams, signals and exit code.
const { spawn } = require('node:child_process');
const os = require('node:os');
const { resolveProgram } = require('../lib/resolve.js');

function main() {
  let program;
  try {
    program = resolveProgram();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 2;
    return;
  }
  const child = spawn(program, process.argv.slice(2), { stdio: 'inherit', windowsHide: true });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`koze-lsp: ${program} can't be run: ${error.message}`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (os.constants.signals[signal] ?? 0));
  });
}

main();

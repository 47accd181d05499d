'use strict';

// A very small test runner for the extension host: results go to the browser's console, where run.mjs reads them.
const assert = require('node:assert/strict');
const path = require('node:path');
const vscode = require('vscode');

const EXTENSION = 'koze-lsp.koze-lsp';

/** Runs the tests in order and tells each result. A failed one does not keep the others from running. */
async function runAll(tests) {
  let failed = 0;
  for (const [name, body] of Object.entries(tests)) {
    const start = performance.now();
    const result = { name, ok: true };
    try {
      await body();
    } catch (error) {
      failed++;
      Object.assign(result, {
        ok: false,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    result.ms = Math.round(performance.now() - start);
    console.log(`@result ${JSON.stringify(result)}`);
  }
  if (failed > 0) {
    throw new Error(`${failed} failed`);
  }
}

/** Waits until `probe` gives something truthy, and gives it back. */
async function until(what, probe, timeoutMs = 15_000) {
  const deadline = Date.now() + timeoutMs;
  let last;
  while (Date.now() < deadline) {
    last = await probe();
    if (last) {
      return last;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${timeoutMs} ms for: ${what}`);
}

function inWorkspace(...parts) {
  return vscode.Uri.file(path.join(vscode.workspace.workspaceFolders[0].uri.fsPath, ...parts));
}

async function open(...parts) {
  const document = await vscode.workspace.openTextDocument(inWorkspace(...parts));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The position of `needle` in a document; with `|` in it, of that place, otherwise of its start. */
function at(document, needle) {
  const mark = needle.indexOf('|');
  const text = needle.replace('|', '');
  const offset = document.getText().indexOf(text);
  assert.notEqual(offset, -1, `${needle} is not in ${document.uri.path}`);
  return document.positionAt(offset + Math.max(0, mark));
}

function diagnosticsOf(uri, code) {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(
      (diagnostic) => diagnostic.source === 'koze' && (code === undefined || codeOf(diagnostic) === code),
    );
}

function codeOf(diagnostic) {
  return typeof diagnostic.code === 'object' ? diagnostic.code.value : diagnostic.code;
}

function diagnostic(uri, code) {
  return until(`${code} in ${uri.path}`, () => diagnosticsOf(uri, code)[0]);
}

function gone(uri, code) {
  return until(`no ${code} in ${uri.path}`, () => diagnosticsOf(uri, code).length === 0);
}

/** Line and columns, zero-based, as one comparable text. */
function span(range) {
  return `${range.start.line}:${range.start.character}-${range.end.line}:${range.end.character}`;
}

async function api() {
  const extension = vscode.extensions.getExtension(EXTENSION);
  assert.ok(extension, 'the extension is installed');
  const exports = await extension.activate();
  return exports;
}

async function running() {
  const exports = await api();
  await until('the server runs', () => exports.state === 'running');
  return exports;
}

/** Quick fixes at a diagnostic. The command gives titles and edits; what an action belongs to it leaves out. */
async function fixesAt(uri, found) {
  const kind = vscode.CodeActionKind.QuickFix.value;
  const actions = await vscode.commands.executeCommand(
    'vscode.executeCodeActionProvider',
    uri,
    found.range,
    kind,
    20,
  );
  return actions.filter((action) => action.edit !== undefined);
}

module.exports = {
  EXTENSION,
  runAll,
  until,
  inWorkspace,
  open,
  at,
  diagnostic,
  diagnosticsOf,
  gone,
  span,
  api,
  running,
  fixesAt,
  codeOf,
};

'use strict';

const assert = require('node:assert/strict');
const vscode = require('vscode');
const { api, at, diagnostic, diagnosticsOf, gone, open, runAll, running, until } = require('../harness');

const PAGE = ['src', 'routes', 'migrations', '[id].html'];

async function type(document, from, to) {
  const start = at(document, from);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(start, start.translate(0, from.length)), to);
  await vscode.workspace.applyEdit(edit);
}

module.exports.run = () =>
  runAll({
    'a killed server comes back with what was typed and never saved': async () => {
      const koze = await running();
      const page = await open(...PAGE);
      await type(page, "workflowStatus('migration'", "workflowStatus('migratoin'");
      await diagnostic(page.uri, 'unknown-workflow');
      const before = koze.serverPid;
      process.kill(before, 'SIGKILL');
      await until(
        'another process',
        () => koze.state === 'running' && koze.serverPid !== undefined && koze.serverPid !== before,
      );
      const found = await diagnostic(page.uri, 'unknown-workflow');
      assert.match(found.message, /migratoin/);
      assert.ok(page.isDirty, 'the text on disk is another one');
    },

    'and it follows edits as before': async () => {
      const page = await open(...PAGE);
      await type(page, "workflowStatus('migratoin'", "workflowStatus('migration'");
      await gone(page.uri, 'unknown-workflow');
    },

    'after five crashes it stays stopped': async () => {
      const koze = await api();
      while (koze.crashes < 5) {
        const pid = await until('a process to end', () =>
          koze.state === 'running' ? koze.serverPid : undefined,
        );
        const crashes = koze.crashes;
        process.kill(pid, 'SIGKILL');
        await until('the crash was noticed', () => koze.crashes > crashes);
      }
      await until('the verdict', () => koze.state === 'failed');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal(koze.state, 'failed');
      assert.equal(koze.serverPid, undefined);
      const page = await open(...PAGE);
      assert.deepEqual(diagnosticsOf(page.uri), [], 'nothing outdated is left behind');
    },

    'the command starts it again': async () => {
      const koze = await api();
      await vscode.commands.executeCommand('koze.restartServer');
      assert.equal(koze.state, 'running');
      assert.equal(koze.crashes, 0);
      const page = await open(...PAGE);
      await type(page, "workflowStatus('migration'", "workflowStatus('migratoin'");
      await diagnostic(page.uri, 'unknown-workflow');
      await type(page, "workflowStatus('migratoin'", "workflowStatus('migration'");
    },
  });

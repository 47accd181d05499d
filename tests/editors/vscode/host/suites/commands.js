'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const vscode = require('vscode');
const { diagnostic, gone, inWorkspace, open, runAll, running } = require('../harness');

const BROKEN = ['src', 'routes', 'broken', '[job].html'];

function rules(value) {
  return vscode.workspace
    .getConfiguration('koze')
    .update('rules', value, vscode.ConfigurationTarget.Workspace);
}

module.exports.run = () =>
  runAll({
    'a changed setting counts at once': async () => {
      await running();
      const page = await open(...BROKEN);
      await diagnostic(page.uri, 'invalid-poll');
      await rules({ 'invalid-poll': 'off' });
      await gone(page.uri, 'invalid-poll');
      await diagnostic(page.uri, 'unknown-workflow');
      await rules({ 'invalid-poll': 'hint' });
      const found = await diagnostic(page.uri, 'invalid-poll');
      assert.equal(found.severity, vscode.DiagnosticSeverity.Hint);
      await rules(undefined);
    },

    'Fix All applies what is safe, in every file, and nothing else': async () => {
      const uri = inWorkspace('wrangler.jsonc');
      await diagnostic(uri, 'wrangler-missing-binding');
      await vscode.commands.executeCommand('koze.fixAll');
      const wrangler = await vscode.workspace.openTextDocument(uri);
      assert.match(wrangler.getText(), /"binding": "DATA_SYNC_WORKFLOW"/);
      assert.ok(wrangler.isDirty, 'saving is left to the person');
      const page = await open(...BROKEN);
      assert.ok(page.getText().includes("'migraton'"), 'which name was meant is not for it to say');
      await gone(uri, 'wrangler-missing-binding');
    },

    'a file changed outside the editor counts too': async () => {
      const text = 'export class NightlyWorkflow extends Base { async run() {} }\n';
      const uri = inWorkspace('src', 'server', 'migraton.workflow.ts');
      fs.writeFileSync(uri.fsPath, text);
      const page = await open(...BROKEN);
      await gone(page.uri, 'unknown-workflow');
      fs.unlinkSync(uri.fsPath);
      await diagnostic(page.uri, 'unknown-workflow');
    },
  });

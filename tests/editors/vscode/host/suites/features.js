'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const vscode = require('vscode');
const {
  EXTENSION,
  at,
  diagnostic,
  fixesAt,
  gone,
  inWorkspace,
  open,
  runAll,
  running,
  span,
  until,
} = require('../harness');

const PAGE = ['src', 'routes', 'migrations', '[id].html'];
const BROKEN = ['src', 'routes', 'broken', '[job].html'];

async function completions(document, position) {
  const list = await vscode.commands.executeCommand(
    'vscode.executeCompletionItemProvider',
    document.uri,
    position,
  );
  return list.items.filter((item) => item.kind !== vscode.CompletionItemKind.Text);
}

const labelOf = (item) => (typeof item.label === 'string' ? item.label : item.label.label);

function insertedText(item) {
  const text = item.insertText ?? labelOf(item);
  return typeof text === 'string' ? text : text.value;
}

async function hoverText(document, needle) {
  const hovers = await vscode.commands.executeCommand(
    'vscode.executeHoverProvider',
    document.uri,
    at(document, needle),
  );
  return hovers
    .flatMap((hover) =>
      hover.contents.map((content) => (typeof content === 'string' ? content : content.value)),
    )
    .join('\n');
}

async function definitions(document, needle) {
  const found = await vscode.commands.executeCommand(
    'vscode.executeDefinitionProvider',
    document.uri,
    at(document, needle),
  );
  return found.map((each) => ({
    uri: each.targetUri ?? each.uri,
    range: each.targetSelectionRange ?? each.targetRange ?? each.range,
  }));
}

/** The text a range covers, so that an assertion reads like the source. */
const covered = (document, found) => document.getText(found.range);

module.exports.run = () =>
  runAll({
    'the shipped server runs, with no Python on PATH': async () => {
      assert.throws(
        () => execFileSync('python3', ['--version'], { stdio: 'ignore' }),
        /ENOENT/,
        `a Python on ${process.env.PATH}`,
      );
      const koze = await running();
      const shipped = vscode.extensions.getExtension(EXTENSION).extensionPath;
      assert.ok(koze.serverCommand.startsWith(shipped), koze.serverCommand);
      const status = await until('koze/status', () => koze.status);
      assert.equal(status.workflows, 2);
    },

    'diagnostics lie on the wrong token': async () => {
      const page = await open(...BROKEN);
      const name = await diagnostic(page.uri, 'unknown-workflow');
      assert.equal(covered(page, name), 'migraton');
      assert.equal(span(name.range), '4:39-4:47');
      assert.equal(name.severity, vscode.DiagnosticSeverity.Error);
      const poll = await diagnostic(page.uri, 'invalid-poll');
      assert.equal(covered(page, poll), '1h');
      assert.equal(span(poll.range), '4:71-4:73');
      const wrangler = await diagnostic(inWorkspace('wrangler.jsonc'), 'wrangler-missing-binding');
      assert.match(wrangler.message, /DATA_SYNC_WORKFLOW/);
    },

    'the sound page has no errors and no warnings': async () => {
      const page = await open(...PAGE);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const bad = vscode.languages
        .getDiagnostics(page.uri)
        .filter((each) => each.source === 'koze' && each.severity <= vscode.DiagnosticSeverity.Warning);
      assert.deepEqual(
        bad.map((each) => each.message),
        [],
      );
    },

    'a name completes, replacing the whole text between the quotes': async () => {
      const page = await open(...PAGE);
      const items = await completions(page, at(page, "'migra|tion'"));
      const labels = items.map(labelOf);
      assert.ok(labels.includes('migration') && labels.includes('data-sync'), labels.join());
      const item = items.find((each) => labelOf(each) === 'data-sync');
      const range = item.range.replacing ?? item.range;
      const before = page.getText();
      const after =
        before.slice(0, page.offsetAt(range.start)) +
        insertedText(item) +
        before.slice(page.offsetAt(range.end));
      assert.ok(after.includes("workflowStatus('data-sync', params.id"), after.split('\n')[4]);
    },

    'a poll interval completes': async () => {
      const page = await open(...PAGE);
      const labels = (await completions(page, at(page, "poll: '2|s'")))
        .map(labelOf)
        .map((label) => label.replaceAll("'", ''));
      for (const interval of ['500ms', '1s', '2s', '5s', '10s', '30s', '1m']) {
        assert.ok(labels.includes(interval), `${interval} in ${labels.join()}`);
      }
    },

    'the hover tells class, binding and steps': async () => {
      const page = await open(...PAGE);
      const text = await until('a hover', () => hoverText(page, "'migra|tion'"));
      for (const word of ['MigrationWorkflow', 'MIGRATION_WORKFLOW', 'fetch-rows', 'wait-for-approval']) {
        assert.ok(text.includes(word), `${word} in ${text}`);
      }
    },

    'the definition of a name is its workflow': async () => {
      const page = await open(...PAGE);
      const found = await definitions(page, "'migra|tion'");
      assert.ok(
        found.some((each) => each.uri.path.endsWith('/src/server/migration.workflow.ts')),
        JSON.stringify(found),
      );
    },

    'the lens that counts the readers of a workflow shows them': async () => {
      const workflow = await open('src', 'server', 'migration.workflow.ts');
      const lens = await until('a lens with readers', async () => {
        const lenses = await vscode.commands.executeCommand(
          'vscode.executeCodeLensProvider',
          workflow.uri,
          20,
        );
        return lenses.find((each) => each.command?.title === '1 page reads this');
      });
      assert.equal(lens.command.command, 'koze.showReferences');
      const [uri, position, places] = lens.command.arguments;
      assert.equal(vscode.Uri.parse(uri).toString(), workflow.uri.toString());
      assert.equal(position.line, lens.range.start.line);
      assert.ok(places.some((each) => vscode.Uri.parse(each.uri).path.endsWith('/[id].html')));
      await vscode.commands.executeCommand(lens.command.command, ...lens.command.arguments);
    },

    'a quick fix adds the missing entry to wrangler.jsonc and keeps its comment': async () => {
      const uri = inWorkspace('wrangler.jsonc');
      const document = await open('wrangler.jsonc');
      const found = await diagnostic(uri, 'wrangler-missing-binding');
      const fixes = await fixesAt(uri, found);
      const fix = fixes.find((each) => each.isPreferred);
      assert.ok(fix, fixes.map((each) => each.title).join());
      assert.ok(await vscode.workspace.applyEdit(fix.edit));
      const text = document.getText();
      assert.match(text, /\/\/ The worker of the fixture; this comment must survive every fix\./);
      assert.match(text, /"binding": "DATA_SYNC_WORKFLOW",\s+"class_name": "DataSyncWorkflow"/);
      await gone(uri, 'wrangler-missing-binding');
      await document.save();
    },

    'a quick fix corrects the name in a route': async () => {
      const page = await open(...BROKEN);
      const found = await diagnostic(page.uri, 'unknown-workflow');
      const fixes = await fixesAt(page.uri, found);
      const fix = fixes.find((each) => each.edit?.has(page.uri));
      assert.ok(fix, fixes.map((each) => each.title).join());
      assert.ok(await vscode.workspace.applyEdit(fix.edit));
      assert.ok(
        page.getText().includes("workflowStatus('migration', params.job"),
        page.getText().split('\n')[4],
      );
      await gone(page.uri, 'unknown-workflow');
      await page.save();
    },

    'a workflow file renamed takes every reference with it': async () => {
      await vscode.workspace.saveAll();
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(
        inWorkspace('src', 'server', 'migration.workflow.ts'),
        inWorkspace('src', 'server', 'import.workflow.ts'),
      );
      assert.ok(await vscode.workspace.applyEdit(edit));
      await vscode.workspace.saveAll();
      const text = async (...parts) =>
        (await vscode.workspace.openTextDocument(inWorkspace(...parts))).getText();
      assert.match(await text(...PAGE), /workflowStatus\('import', params\.id/);
      assert.match(await text(...BROKEN), /workflowStatus\('import', params\.job/);
      assert.match(await text('src', 'server', 'import.workflow.ts'), /export class ImportWorkflow extends/);
      assert.match(await text('src', 'server', 'migrations.ts'), /env\.IMPORT_WORKFLOW\.create/);
      assert.match(await text('src', 'app.d.ts'), /'data-sync' \| 'import'/);
      const wrangler = await text('wrangler.jsonc');
      assert.match(wrangler, /"binding": "IMPORT_WORKFLOW",\s+"class_name": "ImportWorkflow"/);
      assert.doesNotMatch(wrangler, /MIGRATION/);
      await gone(inWorkspace(...PAGE), 'unknown-workflow');
    },

    'the status tells as many problems as the problems panel': async () => {
      const koze = await running();
      const counted = () =>
        vscode.languages
          .getDiagnostics()
          .flatMap(([, found]) => found)
          .filter((each) => each.source === 'koze' && each.severity <= vscode.DiagnosticSeverity.Warning)
          .length;
      let seen;
      const equal = () => {
        seen = `${koze.status.problems} told, ${counted()} shown`;
        return koze.status.problems === counted();
      };
      await until('the counts agree', equal, 5000).catch((error) => assert.fail(`${error.message}: ${seen}`));
    },

    'every command of the manifest exists': async () => {
      const known = new Set(await vscode.commands.getCommands(true));
      const { contributes } = vscode.extensions.getExtension(EXTENSION).packageJSON;
      assert.deepEqual(
        contributes.commands.map((each) => each.command).filter((each) => !known.has(each)),
        [],
      );
    },
  });

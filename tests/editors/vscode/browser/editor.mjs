// What a person sees and does: squiggles, the problems panel, the explorer's rename.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  command,
  explorerItem,
  indexed,
  newWindow,
  openFolder,
  openedFile,
  picture,
} from '../lib/browser.mjs';
import { workspaceCopy } from '../lib/paths.mjs';

export default {
  'the broken page is underlined and listed in the problems panel': async ({ browser, code }) => {
    const folder = workspaceCopy('app', 'seen');
    const page = await newWindow(browser);
    await openFolder(page, code, folder, [openedFile(code, `${folder}/src/routes/broken/[job].html`)]);
    await page.waitForSelector('.squiggly-error');
    await page.keyboard.press('Control+Shift+M');
    const row = page.locator('.markers-panel .monaco-list-row', { hasText: 'migraton' });
    await row.first().waitFor();
    await indexed(page);
    await picture(page, 'problems');
    await page.context().close();
  },

  'a workflow is created by its name alone': async ({ browser, code }) => {
    const folder = workspaceCopy('app', 'created');
    const page = await newWindow(browser);
    await openFolder(page, code, folder);
    await indexed(page);
    await command(page, 'Koze: Create Workflow');
    const input = page.locator('.quick-input-widget input.input').first();
    await page.locator('.quick-input-widget', { hasText: 'Create Workflow' }).waitFor();
    await input.fill('migration');
    await page.locator('.quick-input-message', { hasText: 'exists already' }).waitFor();
    await input.fill('nightly-report');
    await page.locator('.quick-input-message', { hasText: 'env.NIGHTLY_REPORT_WORKFLOW' }).waitFor();
    await input.press('Enter');
    await agree(page);
    await page.getByRole('tab', { name: /nightly-report\.workflow\.ts/ }).waitFor();
    await written(
      path.join(folder, 'src/server/nightly-report.workflow.ts'),
      'export class NightlyReportWorkflow extends',
    );
    await command(page, 'File: Save All');
    await written(path.join(folder, 'wrangler.jsonc'), '"NIGHTLY_REPORT_WORKFLOW"');
    await indexed(page, '3 workflows, 3 problems');
    await picture(page, 'created');
    await page.context().close();
  },

  'a workflow renamed in the explorer takes its references along': async ({ browser, code }) => {
    const folder = workspaceCopy('app', 'renamed');
    const page = await newWindow(browser);
    await openFolder(page, code, folder);
    await indexed(page);
    const item = await explorerItem(page, 'src', 'server', 'migration.workflow.ts');
    await item.click();
    await item.press('F2');
    const input = page.locator('.explorer-item-edited input, .explorer-folders-view input').first();
    await input.fill('import.workflow.ts');
    await input.press('Enter');
    await agree(page);
    await explorerItem(page, 'src', 'server', 'import.workflow.ts');
    await command(page, 'File: Save All');
    await written(path.join(folder, 'src/routes/migrations/[id].html'), "workflowStatus('import'");
    await written(path.join(folder, 'wrangler.jsonc'), '"IMPORT_WORKFLOW"');
    await written(path.join(folder, 'src/server/migrations.ts'), 'env.IMPORT_WORKFLOW');
    await written(path.join(folder, 'src/server/import.workflow.ts'), 'class ImportWorkflow');
    await picture(page, 'renamed');
    await page.context().close();
  },
};

/** VS Code asks before an extension's edits join a change of files. */
async function agree(page) {
  const dialog = page.locator('.monaco-dialog-box', { hasText: 'wants to make refactoring changes' });
  await dialog.waitFor();
  await dialog.getByRole('button', { name: 'OK' }).click();
}

async function written(file, text) {
  const deadline = Date.now() + 8000;
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  while (!read().includes(text) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(read().includes(text), `${text} in ${file}:\n${read()}`);
}

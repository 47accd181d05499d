// A workspace that nobody trusts: diagnostics work, the preview is not offered, and trusting it brings the preview.
import assert from 'node:assert/strict';
import {
  command,
  indexed,
  newWindow,
  openFolder,
  openedFile,
  picture,
  previewFrame,
} from '../lib/browser.mjs';
import { workspaceCopy } from '../lib/paths.mjs';

const OPEN = 'Koze: Open Preview to the Side';

export default {
  'without trust there are diagnostics and no preview': async ({ browser, code }) => {
    const folder = workspaceCopy('app', 'untrusted');
    const page = await newWindow(browser);
    await openFolder(page, code, folder, [openedFile(code, `${folder}/src/routes/broken/[job].html`)]);
    await restricted(page).waitFor();
    await page.waitForSelector('.squiggly-error');
    assert.deepEqual(await offered(page, OPEN), []);
    assert.deepEqual(await offered(page, 'Koze: Restart Server'), ['Koze: Restart Server']);
    await picture(page, 'untrusted');

    await command(page, 'Workspaces: Manage Workspace Trust');
    await page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: /^Trust\b/ })
      .first()
      .click();
    await restricted(page).waitFor({ state: 'hidden' });
    await indexed(page);
    await page.getByRole('tab', { name: /\[job\]\.html/ }).click();
    await command(page, OPEN);
    await previewFrame(page).locator('body').waitFor();
    await page.context().close();
  },
};

/** The status bar's item for a workspace without trust. */
const restricted = (page) => page.locator('.statusbar-item', { hasText: 'Restricted Mode' });

/** The palette's rows that start with a title. */
async function offered(page, title) {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input.input').first();
  await input.fill(`>${title}`);
  await page.waitForTimeout(500);
  const rows = await page.locator('.quick-input-list .monaco-list-row .label-name').allInnerTexts();
  await page.keyboard.press('Escape');
  return rows.map((row) => row.replaceAll('\u00a0', ' ')).filter((row) => row.startsWith(title));
}

// The preview beside the editor: it shows the active route, follows it, and outlives the server.
import {
  command,
  explorerItem,
  indexed,
  newWindow,
  openFolder,
  openedFile,
  picture,
  previewFrame,
} from '../lib/browser.mjs';
import { workspaceCopy } from '../lib/paths.mjs';
import { serverProcesses } from '../lib/processes.mjs';

const OPEN = 'Koze: Open Preview to the Side';
const ROUTE = 'src/routes/migrations/[id].html';

async function opened(browser, code, name) {
  const folder = workspaceCopy('app', name);
  const page = await newWindow(browser, { width: 1600, height: 900 });
  await openFolder(page, code, folder, [openedFile(code, `${folder}/${ROUTE}`)]);
  await indexed(page);
  await page.locator('.monaco-editor .view-lines').first().click();
  await command(page, OPEN);
  await page.getByRole('tab', { name: /^Preview migrations/ }).waitFor();
  await previewFrame(page).locator('body').waitFor();
  return page;
}

const address = (page) =>
  page
    .frameLocator('iframe.webview.ready')
    .frameLocator('iframe#active-frame')
    .locator('iframe#koze-preview')
    .getAttribute('src');

export default {
  'the panel shows the active route and follows it': async ({ browser, code }) => {
    const page = await opened(browser, code, 'followed');
    await picture(page, 'preview');
    await (await explorerItem(page, 'broken', '[job].html')).click();
    await page.getByRole('tab', { name: /^Preview broken/ }).waitFor();
    await previewFrame(page).locator('body').waitFor();
    await page.context().close();
  },

  'an event sent in the panel changes the page': async ({ browser, code }) => {
    const page = await opened(browser, code, 'driven');
    const preview = previewFrame(page);
    const route = preview.frameLocator('iframe').first();
    await route.getByText(/^Now (queued|running|waiting)/).waitFor();
    await picture(page, 'preview-waiting');
    await preview.getByRole('textbox', { name: /payload/i }).fill('{ "by": "Ada" }');
    await preview.getByRole('button', { name: /send/i }).click();
    await route.getByText('Moved 3 rows, approved by Ada').waitFor();
    await picture(page, 'preview-complete');
    await page.context().close();
  },

  'after the server came back the panel shows its new page': async ({ browser, code }) => {
    const page = await opened(browser, code, 'outlived');
    const before = await address(page);
    for (const pid of serverProcesses()) {
      process.kill(pid, 'SIGKILL');
    }
    const deadline = Date.now() + 15_000;
    while ((await address(page).catch(() => before)) === before && Date.now() < deadline) {
      await page.waitForTimeout(100);
    }
    await previewFrame(page).locator('body > *').first().waitFor();
    await page.context().close();
  },
};

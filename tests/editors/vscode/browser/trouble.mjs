// What a person sees when the server does not stay up.
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newWindow, openFolder, openedFile, picture } from '../lib/browser.mjs';
import { HERE, workspaceCopy } from '../lib/paths.mjs';
import { serverProcesses } from '../lib/processes.mjs';

export default {
  'a setting that names no program is told, with the way to it': async ({ browser, code }) => {
    const folder = workspaceCopy('app', 'misplaced');
    mkdirSync(path.join(folder, '.vscode'));
    writeFileSync(
      path.join(folder, '.vscode', 'settings.json'),
      '{ "koze.server.path": "/nowhere/koze-lsp" }',
    );
    const page = await newWindow(browser);
    await openFolder(page, code, folder);
    const message = page.locator('.notification-toast', {
      hasText: 'koze.server.path names /nowhere/koze-lsp',
    });
    await message.waitFor();
    await picture(page, 'misplaced');
    await message.getByRole('button', { name: 'Open Settings' }).click();
    await page.locator('.settings-editor', { hasText: 'Koze' }).waitFor();
    await page.context().close();
  },

  "an outdated server in the workspace's environment is used, and told": async ({ browser, code }) => {
    const folder = workspaceCopy('app', 'outdated');
    const program = path.join(folder, '.venv', 'bin', 'koze-lsp');
    mkdirSync(path.dirname(program), { recursive: true });
    cpSync(path.join(HERE, 'fixture', 'outdated-server.js'), program);
    chmodSync(program, 0o755);
    const page = await newWindow(browser);
    await openFolder(page, code, folder);
    await page.locator('.notification-toast', { hasText: 'version 0.0.1 is older' }).waitFor();
    await picture(page, 'outdated');
    await page.context().close();
  },

  'five crashes are told, and the button brings the server back': async ({ browser, code }) => {
    const folder = workspaceCopy('app', 'crashed');
    const page = await newWindow(browser);
    await openFolder(page, code, folder, [openedFile(code, `${folder}/src/routes/broken/[job].html`)]);
    await page.waitForSelector('.squiggly-error');
    const message = page.locator('.notification-toast', { hasText: 'ended by itself 5 times' });
    const deadline = Date.now() + 30_000;
    while (!(await message.isVisible()) && Date.now() < deadline) {
      for (const pid of serverProcesses()) {
        process.kill(pid, 'SIGKILL');
      }
      await page.waitForTimeout(300);
    }
    await message.waitFor();
    await page.waitForSelector('.squiggly-error', { state: 'detached' });
    await picture(page, 'crashed');
    await message.getByRole('button', { name: 'Restart Server' }).click();
    await page.waitForSelector('.squiggly-error');
    await page.context().close();
  },
};

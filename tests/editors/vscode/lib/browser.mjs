// Debian's Chromium, driven by Playwright: how a person opens a folder, runs a command, looks at the page.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { E2E, HERE, PICTURES } from './paths.mjs';

const { chromium } = createRequire(path.join(E2E, 'package.json'))('playwright-core');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
  });
}

/** A window of its own: no storage of an earlier test. */
export async function newWindow(browser, size = { width: 1280, height: 800 }) {
  const context = await browser.newContext({ viewport: size });
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

export async function openFolder(page, code, folder, payload = []) {
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) {
    query.set('payload', JSON.stringify(payload));
  }
  await page.goto(`${code.origin}/?${query}`);
  await page.waitForSelector('.monaco-workbench');
}

export function openedFile(code, file) {
  return ['openFile', `vscode-remote://127.0.0.1:${code.port}${file}`];
}

/** Runs a suite inside the extension host and gives its tests as {name, ok, error}. */
export async function runInHost(browser, code, folder, suite, timeoutMs = 120_000) {
  const page = await newWindow(browser);
  const results = [];
  const noise = [];
  try {
    const ended = new Promise((resolve, reject) => {
      setTimeout(
        () => reject(new Error(`no end after ${timeoutMs} ms; last words: ${noise.slice(-5).join(' | ')}`)),
        timeoutMs,
      ).unref();
      const note = (_type, words) => {
        const [text] = words;
        if (typeof text === 'string' && text.startsWith('@result ')) {
          results.push(JSON.parse(text.slice('@result '.length)));
        } else {
          noise.push(words.map(String).join(' '));
        }
      };
      void page
        .exposeFunction('codeAutomationLog', note)
        .then(() => page.exposeFunction('codeAutomationExit', resolve))
        .then(() => {
          const at = `vscode-remote://127.0.0.1:${code.port}`;
          return openFolder(page, code, folder, [
            ['extensionDevelopmentPath', `${at}${path.join(HERE, 'host')}`],
            ['extensionTestsPath', `${at}${path.join(HERE, 'host', 'suites', suite)}`],
          ]);
        })
        .catch(reject);
    });
    const exit = await ended;
    if (exit !== 0 && results.every((result) => result.ok)) {
      results.push({
        name: `${suite} ends well`,
        ok: false,
        error: noise.slice(-8).join('\n') || `exit ${exit}`,
      });
    }
    return results;
  } finally {
    await page.context().close();
  }
}

/** Runs a command from the palette, which closes by itself when an editor opens meanwhile: then once more. */
export async function command(page, title) {
  const brief = { timeout: 2000 };
  for (let tries = 1; ; tries++) {
    try {
      await page.keyboard.press('F1');
      await page.locator('.quick-input-widget input.input').first().fill(`>${title}`, brief);
      // Enter would take whatever is on top at that moment.
      await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click(brief);
      return;
    } catch (error) {
      if (tries === 8) {
        throw error;
      }
      await page.keyboard.press('Escape');
    }
  }
}

/** Expands the explorer along a path and gives the row of its last part. */
export async function explorerItem(page, ...parts) {
  for (const part of parts.slice(0, -1)) {
    const folder = page.getByRole('treeitem', { name: part, exact: true }).first();
    await folder.waitFor();
    if ((await folder.getAttribute('aria-expanded')) === 'false') {
      await folder.click();
    }
  }
  const item = page.getByRole('treeitem', { name: parts.at(-1), exact: true }).first();
  await item.waitFor();
  return item;
}

/** Waits until the status bar's item says what it should, by default that both workflows are known. */
export async function indexed(page, text = '2 workflows') {
  await page.locator('#koze-lsp\\.koze-lsp\\.koze\\.status', { hasText: text }).waitFor();
}

export async function picture(page, name) {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

/** The preview's page inside the webview inside the workbench. */
export function previewFrame(page) {
  return page
    .frameLocator('iframe.webview.ready')
    .frameLocator('iframe#active-frame')
    .frameLocator('iframe#koze-preview');
}

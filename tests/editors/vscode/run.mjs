#!/usr/bin/env node
// The extension in a real VS Code: installs the .vsix, runs the suites of the extension host and those of the browser.
//
//   node tests/editors/vscode/run.mjs [--vsix FILE] [--only NAME] [--pictures DIR]
//
// Set up once with scripts/setup_vscode_e2e.sh. Pictures and logs are left under .vscode-e2e/.
import { existsSync } from 'node:fs';
import { launchBrowser, runInHost } from './lib/browser.mjs';
import { startCodeServer } from './lib/codeServer.mjs';
import { PICTURES, defaultVsix, option, workspaceCopy } from './lib/paths.mjs';

/** Suites inside the extension host, with the fixture that each gets a copy of. */
const HOST = { features: 'app', commands: 'app', crash: 'app', quiet: 'quiet' };
const BROWSER = ['editor', 'preview', 'trouble'];

/** An editor that asks nobody and trusts nothing. */
const UNTRUSTED = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

const totals = { passed: 0, failed: 0 };

function tell(suite, { name, ok, error, ms }) {
  totals[ok ? 'passed' : 'failed']++;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${suite}: ${name}${ms === undefined ? '' : ` (${ms} ms)`}`);
  if (!ok) {
    console.log(
      String(error)
        .split('\n')
        .slice(0, 12)
        .map((line) => `       ${line}`)
        .join('\n'),
    );
  }
}

async function hostSuite(browser, code, suite, fixture) {
  try {
    for (const result of await runInHost(browser, code, workspaceCopy(fixture, suite), `${suite}.js`)) {
      tell(suite, result);
    }
  } catch (error) {
    tell(suite, { name: 'runs', ok: false, error });
  }
}

async function browserSuite(browser, code, suite) {
  const { default: tests } = await import(`./browser/${suite}.mjs`);
  for (const [name, body] of Object.entries(tests)) {
    const start = performance.now();
    let result = { name, ok: true };
    try {
      await body({ browser, code });
    } catch (error) {
      result = { name, ok: false, error: error.message };
      for (const context of browser.contexts()) {
        const file = `${PICTURES}/failed-${suite}-${name.replace(/\W+/g, '-')}.png`;
        await context
          .pages()[0]
          ?.screenshot({ path: file })
          .catch(() => undefined);
        await context.close();
      }
    }
    tell(suite, { ...result, ms: Math.round(performance.now() - start) });
  }
}

async function main() {
  const vsix = option('--vsix') ?? defaultVsix();
  if (!existsSync(vsix)) {
    throw new Error(`${vsix} does not exist; pack it with \`npm run package\` in vscode-extension/`);
  }
  const browser = await launchBrowser();
  try {
    await withEditor(vsix, {}, [...Object.keys(HOST), ...BROWSER], browser);
    await withEditor(vsix, UNTRUSTED, ['trust'], browser);
  } finally {
    await browser.close();
  }
}

async function withEditor(vsix, settings, suites, browser) {
  const only = option('--only');
  const wanted = suites.filter((suite) => only === undefined || only === suite);
  if (wanted.length === 0) {
    return;
  }
  const code = await startCodeServer(vsix, settings);
  try {
    for (const suite of wanted) {
      await (suite in HOST
        ? hostSuite(browser, code, suite, HOST[suite])
        : browserSuite(browser, code, suite));
    }
  } finally {
    code.stop();
  }
}

try {
  await main();
} catch (error) {
  tell('setup', { name: 'the editor starts', ok: false, error: error.stack });
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

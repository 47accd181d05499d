import { randomBytes } from 'node:crypto';

/** The documents that the panel's webview holds: a frame around the server's page, or a word why there is none. */

export function framePage(url: string, options: { state: object; dark: boolean }): string {
  const { origin } = new URL(url);
  const address = withTheme(url, options.dark);
  const body = `<iframe id="koze-preview" title="Koze preview" src="${escape(address)}" allow="clipboard-read; clipboard-write"></iframe>`;
  return document(body, { frame: origin, script: keepState(options.state) });
}

export function errorPage(text: string, state: object): string {
  const body = `<main role="alert"><h1>No preview</h1><p>${escape(text)}</p><button id="retry">Try again</button></main>`;
  const script = `${keepState(state)}
    document.getElementById('retry').addEventListener('click', () => api.postMessage({ type: 'retry' }));`;
  return document(body, { script });
}

export function waitingPage(): string {
  return document('<main aria-busy="true"><p>The preview starts…</p></main>', {});
}

function document(body: string, parts: { frame?: string; script?: string }): string {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    ...(parts.script === undefined ? [] : [`script-src 'nonce-${nonce}'`]),
    ...(parts.frame === undefined ? [] : [`frame-src ${parts.frame}`]),
  ].join('; ');
  const script = parts.script === undefined ? '' : `<script nonce="${nonce}">${parts.script}</script>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Koze preview</title>
<style nonce="${nonce}">
  html, body { height: 100%; margin: 0; padding: 0; overflow: hidden; }
  iframe { display: block; width: 100%; height: 100%; border: 0; background: var(--vscode-editor-background); }
  main { padding: 1.5rem; color: var(--vscode-foreground); font-family: var(--vscode-font-family); }
  h1 { font-size: 1.1em; }
  p { white-space: pre-wrap; overflow-wrap: anywhere; }
  button { padding: 4px 12px; border: 0; cursor: pointer; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
</style>
</head>
<body>${body}${script}</body>
</html>`;
}

/** VS Code hands this back when the window was reloaded. */
function keepState(state: object): string {
  return `const api = acquireVsCodeApi(); api.setState(${JSON.stringify(state).replaceAll('<', '\\u003c')});`;
}

/** The page takes the editor's light or dark from its fragment, which no server sees. */
function withTheme(url: string, dark: boolean): string {
  return `${url}${url.includes('#') ? '&' : '#'}theme=${dark ? 'dark' : 'light'}`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

// Where things are. What a run makes is under .vscode-e2e/, which git ignores; only workspaces are elsewhere.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = fileURLToPath(new URL('..', import.meta.url));
export const ROOT = path.resolve(HERE, '..', '..', '..');
export const E2E = process.env.KOZE_VSCODE_E2E ?? path.join(ROOT, '.vscode-e2e');
export const RUN = path.join(E2E, 'run');
/** Workspaces lie outside the repository: below it they would be files that its .gitignore names. */
const WORKSPACES = path.join(tmpdir(), 'koze-vscode-e2e');
/** Screenshots go here; `--pictures DIR` puts them elsewhere, such as into the extension's README. */
export const PICTURES = path.resolve(option('--pictures') ?? path.join(E2E, 'pictures'));
export const EXTENSION_ID = 'koze-lsp.koze-lsp';

export function option(name) {
  const words = process.argv.slice(2);
  return words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
}

/** A fresh copy of a fixture: what a test changes stays in the copy. */
export function workspaceCopy(fixture, name) {
  const source = path.isAbsolute(fixture) ? fixture : path.join(HERE, 'fixture', fixture);
  const copy = path.join(WORKSPACES, name);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(path.dirname(copy), { recursive: true });
  cpSync(source, copy, { recursive: true });
  return copy;
}

/** The name that the packing script gives the extension for this machine. */
export function defaultVsix() {
  return path.join(ROOT, 'dist', `koze-lsp-${process.platform}-${process.arch}.vsix`);
}

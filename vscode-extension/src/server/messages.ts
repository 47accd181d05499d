import * as vscode from 'vscode';
import type { FoundServer, MissingServer, Origin } from './discovery';

export type Choice = 'Restart Server' | 'Show Output' | 'Open Settings';

/** A message that a person can act on: what happened, why, and buttons for what to do. */
export interface Message {
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly choices: readonly Choice[];
}

export const ORIGINS: Readonly<Record<Origin, string>> = {
  setting: 'koze.server.path',
  environment: "the workspace's virtual environment",
  shipped: 'shipped with the extension',
  path: 'found on PATH',
};

export function missing(result: MissingServer): Message {
  if (result.reason === 'setting') {
    return {
      severity: 'error',
      text: `Koze: koze.server.path names ${result.looked[0]}, which is no program that can be run. Correct the setting, or empty it to use the shipped server.`,
      choices: ['Open Settings', 'Show Output'],
    };
  }
  return {
    severity: 'error',
    text: 'Koze: no language server here. This build of the extension has none for this platform, and there is no koze-lsp in the virtual environment or on PATH. Install it (npm i -g koze-lsp, or pip install koze-lsp) or set koze.server.path, then restart.',
    choices: ['Restart Server', 'Open Settings', 'Show Output'],
  };
}

export function crashedTooOften(count: number, said: string): Message {
  const reason = said === '' ? '' : ` Its last words: ${said}`;
  return {
    severity: 'error',
    text: `Koze: the server ended by itself ${count} times in three minutes and stays stopped.${reason}`,
    choices: ['Restart Server', 'Show Output'],
  };
}

export function wrongVersion(server: FoundServer, problem: string): Message {
  return {
    severity: 'warning',
    text: `Koze: ${server.command} (${ORIGINS[server.origin]}): ${problem}. Some features may be missing; update it, or change koze.server.path.`,
    choices: ['Open Settings', 'Show Output'],
  };
}

export async function show(message: Message, act: (choice: Choice) => void): Promise<void> {
  const open =
    message.severity === 'error' ? vscode.window.showErrorMessage : vscode.window.showWarningMessage;
  const choice = await open(message.text, ...message.choices);
  if (choice !== undefined) {
    act(choice);
  }
}

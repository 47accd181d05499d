import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { needsTrust } from './commands/preview';
import { isPreviewUrl, type PreviewAddress } from './preview/address';
import type { PreviewPanel } from './preview/panel';

const SHOWN_IN_PANEL = new Set(['koze.preview.open', 'koze.preview.run']);

/** Where the extension steps between server and editor: pages of the preview go to the panel, trust into the settings. */
export function createMiddleware(panel: () => PreviewPanel): Middleware {
  return {
    // A lens runs the server's own command; its answer is an address, which belongs into the panel.
    executeCommand: async (command, args, next) => {
      if (!SHOWN_IN_PANEL.has(command)) {
        return next(command, args);
      }
      if (!(await needsTrust())) {
        return undefined;
      }
      const argument = { ...(args[0] as { uri?: string } | undefined), embed: true };
      const answer = (await next(command, [argument])) as PreviewAddress | undefined;
      if (answer?.url !== undefined) {
        await panel().showAddress(
          answer,
          argument.uri === undefined ? undefined : vscode.Uri.parse(argument.uri),
        );
      }
      return answer;
    },
    window: {
      showDocument: async (params, token, next) => {
        if (params.external !== true || !isPreviewUrl(params.uri)) {
          return next(params, token);
        }
        await panel().showAddress({ url: params.uri });
        return { success: true };
      },
    },
    workspace: {
      // Trust is no setting that a file could hold: it is laid over what the settings say.
      configuration: async (params, token, next) => {
        const answers = await next(params, token);
        if (!Array.isArray(answers)) {
          return answers;
        }
        return answers.map((answer: unknown, index) =>
          params.items[index].section === 'koze' ? withTrust(answer) : answer,
        );
      },
    },
  };
}

function withTrust(answer: unknown): object {
  const settings = (answer ?? {}) as { preview?: object };
  return { ...settings, preview: { ...settings.preview, trusted: vscode.workspace.isTrusted } };
}

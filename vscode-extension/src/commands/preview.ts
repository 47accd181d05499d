import * as vscode from 'vscode';
import { isRoute } from '../preview/address';
import type { PreviewPanel } from '../preview/panel';
import { pickFile } from './pick';

const ROUTES = '**/src/routes/**/*.{html,koze,kuratchi}';
const WORKFLOWS = '**/src/server/**/*.workflow.ts';

/** "Koze: Open Preview to the Side": the given file, the active route, or one that is picked. */
export async function openPreview(panel: PreviewPanel, given?: unknown): Promise<void> {
  const uri =
    chosen(given, isRoute) ?? (await pickFile(ROUTES, 'Which page?', 'There is no page under src/routes.'));
  if (uri !== undefined && (await needsTrust())) {
    await panel.openRoute(uri);
  }
}

/** "Koze: Run Workflow": the given file, the active workflow, or one that is picked. */
export async function runWorkflow(panel: PreviewPanel, given?: unknown): Promise<void> {
  const uri =
    chosen(given, isWorkflow) ??
    (await pickFile(
      WORKFLOWS,
      'Which workflow?',
      'There is no workflow under src/server. "Koze: Create Workflow" makes one.',
    ));
  if (uri !== undefined && (await needsTrust())) {
    await panel.runWorkflow(uri);
  }
}

/** The preview runs the workspace's code; without trust it says so and offers the way to it. */
export async function needsTrust(): Promise<boolean> {
  if (vscode.workspace.isTrusted) {
    return true;
  }
  const manage = 'Manage Workspace Trust';
  const text = "Koze: the preview runs this workspace's code, so it needs a trusted workspace.";
  if ((await vscode.window.showWarningMessage(text, manage)) === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
  return false;
}

function chosen(given: unknown, fits: (uri: vscode.Uri) => boolean): vscode.Uri | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  const uri = given instanceof vscode.Uri ? given : active;
  return uri !== undefined && fits(uri) ? uri : undefined;
}

function isWorkflow(uri: vscode.Uri): boolean {
  return uri.path.endsWith('.workflow.ts');
}

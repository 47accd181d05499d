import * as vscode from 'vscode';

const SKIP = '**/{node_modules,.git,.koze,dist,.wrangler}/**';
const MOST = 500;

/** Lets a person pick one of the files that match; says so when there are none, and asks nothing when there is one. */
export async function pickFile(glob: string, title: string, none: string): Promise<vscode.Uri | undefined> {
  const uris = await vscode.workspace.findFiles(glob, SKIP, MOST);
  if (uris.length === 0) {
    void vscode.window.showInformationMessage(`Koze: ${none}`);
    return undefined;
  }
  if (uris.length === 1) {
    return uris[0];
  }
  const items = uris
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const item = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  return item?.uri;
}

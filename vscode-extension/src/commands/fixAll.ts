import * as vscode from 'vscode';

const KIND = vscode.CodeActionKind.SourceFixAll.append('koze');
const SOURCE = 'koze';

/** "Koze: Fix All": the safe fixes of every file in the workspace that has something to fix. */
export async function fixAll(): Promise<void> {
  const files = vscode.languages
    .getDiagnostics()
    .filter(([, diagnostics]) => diagnostics.some((diagnostic) => diagnostic.source === SOURCE))
    .map(([uri]) => uri);
  const changed: string[] = [];
  for (const uri of files) {
    if (await fixFile(uri)) {
      changed.push(vscode.workspace.asRelativePath(uri));
    }
  }
  const text =
    changed.length === 0
      ? 'Koze: there is nothing that can be fixed safely. The remaining fixes are yours to pick: the light bulb at each problem.'
      : `Koze: fixed ${changed.join(', ')}. Nothing is saved yet.`;
  void vscode.window.showInformationMessage(text);
}

async function fixFile(uri: vscode.Uri): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(uri);
  const everything = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[] | undefined>(
    'vscode.executeCodeActionProvider',
    uri,
    everything,
    KIND.value,
    1,
  );
  const edit = actions?.find(
    (action) => action.edit !== undefined && action.kind !== undefined && KIND.contains(action.kind),
  )?.edit;
  return edit !== undefined && edit.size > 0 && vscode.workspace.applyEdit(edit);
}

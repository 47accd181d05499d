import * as vscode from 'vscode';
import { bindingOf, nameProblem, skeleton } from '../workflowName';

/** "Koze: Create Workflow": asks for a name, writes the file; the server adds binding and type to the same edit. */
export async function createWorkflow(roots: readonly string[]): Promise<void> {
  const root = await pickRoot(roots);
  if (root === undefined) {
    return;
  }
  const name = await vscode.window.showInputBox({
    title: 'Create Workflow',
    prompt: 'Its name in workflowStatus(…), and of its file under src/server',
    placeHolder: 'data-sync',
    validateInput: (value) => validate(root, value),
  });
  if (name === undefined) {
    return;
  }
  const uri = fileOf(root, name);
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { ignoreIfExists: false, contents: new TextEncoder().encode(skeleton(name)) });
  if (!(await vscode.workspace.applyEdit(edit))) {
    void vscode.window.showErrorMessage(`Koze: could not create ${vscode.workspace.asRelativePath(uri)}.`);
    return;
  }
  await vscode.window.showTextDocument(uri);
}

async function validate(
  root: vscode.Uri,
  name: string,
): Promise<vscode.InputBoxValidationMessage | undefined> {
  const problem = nameProblem(name);
  if (problem !== undefined) {
    return { message: problem, severity: vscode.InputBoxValidationSeverity.Error };
  }
  if (await exists(fileOf(root, name))) {
    return {
      message: `src/server/${name}.workflow.ts exists already.`,
      severity: vscode.InputBoxValidationSeverity.Error,
    };
  }
  return {
    message: `src/server/${name}.workflow.ts, env.${bindingOf(name)}`,
    severity: vscode.InputBoxValidationSeverity.Info,
  };
}

function fileOf(root: vscode.Uri, name: string): vscode.Uri {
  return vscode.Uri.joinPath(root, 'src', 'server', `${name}.workflow.ts`);
}

/** The application: the one of the active file, the only one, or one that is picked. */
async function pickRoot(known: readonly string[]): Promise<vscode.Uri | undefined> {
  const roots =
    known.length > 0
      ? known.map(toUri)
      : (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri);
  const active = vscode.window.activeTextEditor?.document.uri.path ?? '';
  const around = roots
    .filter((root) => active.startsWith(`${root.path}/`))
    .sort((a, b) => b.path.length - a.path.length);
  if (around.length > 0 || roots.length <= 1) {
    return around[0] ?? roots[0];
  }
  const items = roots.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
  return (await vscode.window.showQuickPick(items, { title: 'In which application?' }))?.uri;
}

function toUri(root: string): vscode.Uri {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(root) ? vscode.Uri.parse(root) : vscode.Uri.file(root);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

import * as vscode from 'vscode';

/** node_modules and what builds leave behind are never looked into. */
const SKIP = '**/{node_modules,.git,.koze,dist,.wrangler,.venv,venv}/**';

/** What proves Koze by being there, without a look inside. No braces in braces: older ripgreps refuse those. */
const SURE = ['**/src/routes/**/*.{koze,kuratchi}', '**/src/server/**/*.workflow.ts'];

/** At most this many HTML pages are read before a workspace counts as something else. */
const PAGES = 60;

/**
 * Whether the workspace has a Koze application. The activation events are as narrow as globs can be, but
 * `src/routes/*.html` and `*.workflow.ts` occur elsewhere too: there the extension stays quiet, with no server.
 */
export async function hasKoze(): Promise<boolean> {
  if (vscode.workspace.textDocuments.some((document) => document.languageId === 'koze')) {
    return true;
  }
  for (const glob of SURE) {
    if ((await find(glob, 1)).length > 0) {
      return true;
    }
  }
  return (
    (await anyMatches('**/package.json', 20, /"@kuratchi\/|"koze"\s*:/)) ||
    (await anyMatches('**/src/routes/**/*.html', PAGES, /['"](?:koze|kuratchi):[a-z]/))
  );
}

/** A search that fails finds nothing: the extension then waits for a file to appear or to be opened. */
async function find(glob: string, limit: number): Promise<vscode.Uri[]> {
  try {
    return await vscode.workspace.findFiles(glob, SKIP, limit);
  } catch {
    return [];
  }
}

async function anyMatches(glob: string, limit: number, pattern: RegExp): Promise<boolean> {
  for (const uri of await find(glob, limit)) {
    try {
      if (pattern.test(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)))) {
        return true;
      }
    } catch {
      // Gone or unreadable in the meantime: no evidence.
    }
  }
  return false;
}

/** Calls back once as soon as the workspace gets a Koze application. */
export function onceKozeAppears(found: () => void): vscode.Disposable {
  const parts: vscode.Disposable[] = [];
  const done = (): void => {
    parts.forEach((part) => part.dispose());
    found();
  };
  for (const glob of SURE) {
    const watcher = vscode.workspace.createFileSystemWatcher(glob, false, true, true);
    parts.push(watcher, watcher.onDidCreate(done));
  }
  parts.push(
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (document.languageId === 'koze') {
        done();
      }
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(async () => {
      if (await hasKoze()) {
        done();
      }
    }),
  );
  return vscode.Disposable.from(...parts);
}

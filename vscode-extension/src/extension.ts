import * as vscode from 'vscode';
import { createWorkflow } from './commands/createWorkflow';
import { fixAll } from './commands/fixAll';
import { openPreview, runWorkflow } from './commands/preview';
import { SHOW_REFERENCES, showReferences } from './commands/showReferences';
import { hasKoze, onceKozeAppears } from './detect';
import { createMiddleware } from './middleware';
import { PreviewPanel } from './preview/panel';
import { ServerController } from './server/controller';
import { StatusBar } from './statusBar';

let controller: ServerController | undefined;

/** What other extensions and the end-to-end tests may read. */
export interface KozeApi {
  readonly state: string;
  readonly serverPid: number | undefined;
  readonly serverCommand: string | undefined;
  readonly crashes: number;
  readonly status: { workflows: number; problems: number; roots: readonly string[] } | undefined;
}

export async function activate(context: vscode.ExtensionContext): Promise<KozeApi> {
  const log = vscode.window.createOutputChannel('Koze', { log: true });
  const server: ServerController = new ServerController(
    context,
    log,
    createMiddleware(() => panel),
  );
  const panel: PreviewPanel = new PreviewPanel(
    server,
    log,
    vscode.Uri.joinPath(context.extensionUri, 'images', 'file.svg'),
  );
  controller = server;
  context.subscriptions.push(log, server, panel, new StatusBar(server));
  registerCommands(context, server, panel, log);
  watch(context, server, panel);
  if (await hasKoze()) {
    begin(server);
  } else {
    log.info('No Koze application in this workspace: no server is started.');
    context.subscriptions.push(onceKozeAppears(() => begin(server)));
  }
  return apiOf(server);
}

export function deactivate(): Promise<void> | undefined {
  return controller?.stop();
}

/** The editor need not wait for the server: activation ends here, its first answers come when it is ready. */
function begin(server: ServerController): void {
  void vscode.commands.executeCommand('setContext', 'koze.active', true);
  void server.start();
}

function registerCommands(
  context: vscode.ExtensionContext,
  server: ServerController,
  panel: PreviewPanel,
  log: vscode.LogOutputChannel,
): void {
  const commands: Record<string, (argument?: unknown) => unknown> = {
    'koze.openPreview': (argument) => openPreview(panel, argument),
    'koze.runWorkflow': (argument) => runWorkflow(panel, argument),
    'koze.fixAll': () => fixAll(),
    'koze.createWorkflow': () =>
      createWorkflow(server.phase.kind === 'running' ? (server.phase.status?.roots ?? []) : []),
    'koze.restartServer': () => {
      void vscode.commands.executeCommand('setContext', 'koze.active', true);
      return server.restart();
    },
    'koze.showOutput': () => log.show(),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
  context.subscriptions.push(vscode.commands.registerCommand(SHOW_REFERENCES, showReferences));
}

function watch(context: vscode.ExtensionContext, server: ServerController, panel: PreviewPanel): void {
  let lives = 0;
  let wasRunning = false;
  context.subscriptions.push(
    // Trust changes which server may run and what it may do, so it starts anew.
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('koze.server.path')) {
        void server.restart();
      }
    }),
    server.onPhase((phase) => {
      const running = phase.kind === 'running';
      if (running && !wasRunning && lives++ > 0) {
        void panel.refresh();
      }
      wasRunning = running;
    }),
  );
}

function apiOf(server: ServerController): KozeApi {
  return {
    get state() {
      return server.phase.kind;
    },
    get serverPid() {
      return server.pid;
    },
    get serverCommand() {
      return server.phase.kind === 'running' ? server.phase.server.command : undefined;
    },
    get crashes() {
      return server.crashCount;
    },
    get status() {
      return server.phase.kind === 'running' ? server.phase.status : undefined;
    },
  };
}

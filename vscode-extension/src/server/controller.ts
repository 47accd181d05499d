import * as path from 'node:path';
import * as vscode from 'vscode';
import { State, type Middleware } from 'vscode-languageclient/node';
import { KozeClient, type ServerStatus } from './client';
import { CrashPolicy } from './crashPolicy';
import { findServer, isFound, type FoundServer, type MissingServer } from './discovery';
import { isExecutable, restoreExecutableBit } from './executable';
import * as messages from './messages';
import { versionProblem } from './version';

/** What the status bar shows. */
export type Phase =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'running';
      readonly server: FoundServer;
      readonly version: string;
      readonly status?: ServerStatus;
    }
  | { readonly kind: 'failed'; readonly why: string };

/** Starts the server, keeps it alive within reason, and says plainly when it can't. */
export class ServerController implements vscode.Disposable {
  private client: KozeClient | undefined;
  private readonly crashes = new CrashPolicy();
  private readonly phases = new vscode.EventEmitter<Phase>();
  private current: Phase = { kind: 'stopped' };
  private retry: NodeJS.Timeout | undefined;
  /** A status that came before the start was over. */
  private early: ServerStatus | undefined;
  /** Starting and stopping never overlap: each waits for the one before. */
  private turn: Promise<unknown> = Promise.resolve();

  readonly onPhase = this.phases.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly middleware: Middleware,
  ) {}

  get phase(): Phase {
    return this.current;
  }

  /** Process id of the running server, for the tests that end it. */
  get pid(): number | undefined {
    return this.client?.serverProcess?.pid;
  }

  get crashCount(): number {
    return this.crashes.count;
  }

  start(): Promise<void> {
    return this.inTurn(() => this.launch());
  }

  /** Ends the server if there is one and starts it anew; earlier crashes no longer count. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      this.crashes.forget();
      await this.end();
      await this.launch();
    });
  }

  stop(): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      this.enter({ kind: 'stopped' });
    });
  }

  /** Asks the server to do one of its commands. Fails with a readable message when it does not run. */
  async command<T>(command: string, argument: object): Promise<T> {
    await this.turn;
    if (this.client?.state !== State.Running) {
      throw new Error('The Koze server is not running. "Koze: Restart Server" starts it.');
    }
    return this.client.sendRequest<T>('workspace/executeCommand', { command, arguments: [argument] });
  }

  dispose(): void {
    clearTimeout(this.retry);
    void this.stop();
    this.phases.dispose();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.turn.then(work);
    this.turn = next.catch(() => undefined);
    return next;
  }

  private async launch(): Promise<void> {
    if (this.client !== undefined) {
      return;
    }
    const found = this.find();
    if (!isFound(found)) {
      this.fail(messages.missing(found));
      return;
    }
    this.log.info(`server: ${found.command} (${found.origin})`);
    this.enter({ kind: 'starting' });
    const client: KozeClient = KozeClient.create(found.command, this.log, {
      onCrash: () => this.crashed(client),
      onStatus: (status) => this.report(client, status),
      middleware: this.middleware,
    });
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.log.error(`the server did not start: ${String(error)}`);
      this.crashed(client);
      return;
    }
    this.started(client, found);
  }

  private find(): FoundServer | MissingServer {
    const shipped = path.join(this.context.extensionPath, 'server', 'koze-lsp', 'koze-lsp');
    if (process.platform !== 'win32') {
      restoreExecutableBit(shipped);
    }
    return findServer({
      setting: vscode.workspace.getConfiguration('koze').get<string>('server.path', ''),
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      trusted: vscode.workspace.isTrusted,
      extensionPath: this.context.extensionPath,
      platform: process.platform,
      env: process.env,
      isExecutable,
    });
  }

  private started(client: KozeClient, server: FoundServer): void {
    if (this.client !== client) {
      return; // It fell again between its answer and now.
    }
    const version = client.initializeResult?.serverInfo?.version ?? 'unknown version';
    this.log.info(`server ${version} runs, process ${client.serverProcess?.pid}`);
    this.enter({ kind: 'running', server, version, status: this.early });
    this.early = undefined;
    const needed = (this.context.extension.packageJSON as { koze: { server: string } }).koze.server;
    const problem = versionProblem(version, needed);
    if (problem !== undefined) {
      void messages.show(messages.wrongVersion(server, problem), (choice) => this.act(choice));
    }
  }

  private report(client: KozeClient, status: ServerStatus): void {
    if (this.client !== client) {
      return;
    }
    if (this.current.kind === 'running') {
      this.enter({ ...this.current, status });
    } else {
      this.early = status;
    }
  }

  /** Comes once a life: by the connection's end, or by a start that failed. */
  private crashed(client: KozeClient): void {
    if (this.client !== client) {
      return;
    }
    this.client = undefined;
    this.early = undefined;
    const said = client.stderr.lastLine;
    // Only after the client has cleared away what belonged to the connection.
    setTimeout(() => void client.dispose(2000).catch(() => undefined), 0);
    const verdict = this.crashes.record(performance.now());
    this.log.warn(
      `the server ended by itself (${this.crashes.count} times in three minutes)${said && `: ${said}`}`,
    );
    if (!verdict.restart) {
      this.fail(messages.crashedTooOften(this.crashes.count, said));
      return;
    }
    this.enter({ kind: 'starting' });
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.start(), verdict.delayMs);
  }

  private async end(): Promise<void> {
    clearTimeout(this.retry);
    const client = this.client;
    this.client = undefined; // From here its end is no crash.
    if (client === undefined) {
      return;
    }
    const process = client.serverProcess;
    try {
      await client.dispose(2000);
    } catch (error) {
      this.log.warn(`the server did not stop when asked: ${String(error)}`);
      process?.kill('SIGKILL');
    }
  }

  private fail(message: messages.Message): void {
    this.log.error(message.text);
    this.enter({ kind: 'failed', why: message.text });
    void messages.show(message, (choice) => this.act(choice));
  }

  private act(choice: messages.Choice): void {
    switch (choice) {
      case 'Restart Server':
        void this.restart();
        break;
      case 'Show Output':
        this.log.show();
        break;
      case 'Open Settings':
        void vscode.commands.executeCommand('workbench.action.openSettings', 'koze.server.path');
        break;
    }
  }

  private enter(phase: Phase): void {
    this.current = phase;
    void vscode.commands.executeCommand('setContext', 'koze.serverRunning', phase.kind === 'running');
    this.phases.fire(phase);
  }
}

import * as path from 'node:path';
import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type ClientCapabilities,
  type Middleware,
  type StaticFeature,
} from 'vscode-languageclient/node';
import { SHOW_REFERENCES } from '../commands/showReferences';
import { LineTail } from './lineTail';

/** What the server tells after indexing and whenever it changes (notification `koze/status`). */
export interface ServerStatus {
  readonly workflows: number;
  readonly problems: number;
  /** The applications' folders, as URIs or paths. */
  readonly roots: readonly string[];
}

export interface ClientHooks {
  /** The connection closed though nobody asked for it. */
  readonly onCrash: () => void;
  readonly onStatus: (status: ServerStatus) => void;
  readonly middleware: Middleware;
}

/** How many lines of the server's stderr a message may quote. */
const TAIL = 12;

/** One life of the server process. After a crash there is a new one: nothing of the old connection stays. */
export class KozeClient extends LanguageClient {
  private constructor(
    command: string,
    options: LanguageClientOptions,
    readonly stderr: LineTail,
  ) {
    // npm's launchers on Windows are batch files, which only a shell runs.
    const shell = command.toLowerCase().endsWith('.cmd');
    const run = {
      command: shell ? `"${command}"` : command,
      args: ['--stdio'],
      options: { cwd: path.dirname(command), shell },
    };
    super('koze', 'Koze', { run, debug: run }, options);
  }

  static create(command: string, log: vscode.LogOutputChannel, hooks: ClientHooks): KozeClient {
    const stderr = new LineTail(TAIL, (line) => log.info(`[server] ${line}`));
    const client: KozeClient = new KozeClient(command, clientOptions(log, hooks, stderr), stderr);
    client.onNotification('koze/status', hooks.onStatus);
    client.registerFeature(LENS_COMMANDS);
    return client;
  }

  /** Problems of the connection are shown once, by the controller and with something to do about them. */
  override error(message: string, data?: unknown, _showNotification?: boolean | 'force'): void {
    super.error(message, data, false);
  }
}

/** Tells the server which commands of this extension its lenses may run. */
const LENS_COMMANDS: StaticFeature = {
  fillClientCapabilities: (capabilities: ClientCapabilities) => {
    capabilities.experimental = {
      ...(capabilities.experimental as object | undefined),
      commands: [SHOW_REFERENCES],
    };
  },
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};

function clientOptions(
  log: vscode.LogOutputChannel,
  hooks: ClientHooks,
  stderr: LineTail,
): LanguageClientOptions {
  return {
    documentSelector: DOCUMENTS,
    outputChannel: log,
    traceOutputChannel: log,
    initializationOptions: () => ({
      trusted: vscode.workspace.isTrusted,
      // The preview's page is shown in a panel: the server need not open a browser.
      embedsPreview: true,
    }),
    diagnosticPullOptions: { onChange: true, onSave: true },
    markdown: { supportHtml: false },
    progressOnInitialization: true,
    stdioOptions: {
      stdout: () => undefined,
      stderr: (stream) => stream.on('data', (chunk: Buffer) => stderr.push(chunk)),
    },
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        hooks.onCrash();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: hooks.middleware,
  };
}

/** Files inside an application. HTML and TypeScript stay with their own servers; this one adds what is Koze. */
const DOCUMENTS = [
  { language: 'koze' },
  { scheme: 'file', language: 'html', pattern: '**/src/**/*.html' },
  { scheme: 'file', pattern: '**/src/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}' },
  { scheme: 'file', pattern: '**/*.{workflow,workflows}.{ts,tsx,mts,cts,js,mjs}' },
  { scheme: 'file', pattern: '**/wrangler.{json,jsonc,toml}' },
  { scheme: 'file', pattern: '**/package.json' },
  { scheme: 'file', pattern: '**/*.preview.json5' },
];

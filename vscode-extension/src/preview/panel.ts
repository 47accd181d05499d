import * as vscode from 'vscode';
import { errorPage, framePage, waitingPage } from './html';
import { isRoute, reachable, type PreviewAddress, type PreviewServer } from './address';

const VIEW_TYPE = 'koze.preview';

/** What the panel shows: a route, or a run of one workflow. */
type Subject =
  | { readonly kind: 'route'; readonly uri: vscode.Uri }
  | { readonly kind: 'workflow'; readonly uri: vscode.Uri };

/** The preview beside the editor: one panel, which follows the active route. */
export class PreviewPanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private subject: Subject | undefined;
  private shown = '';
  private generation = 0;
  private readonly subscriptions: vscode.Disposable[] = [];

  constructor(
    private readonly server: PreviewServer,
    private readonly log: vscode.LogOutputChannel,
    private readonly icon: vscode.Uri,
  ) {
    this.subscriptions.push(
      vscode.window.onDidChangeActiveTextEditor((editor) => this.follow(editor)),
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
        deserializeWebviewPanel: (panel, state: unknown) => this.revive(panel, state),
      }),
    );
  }

  dispose(): void {
    this.panel?.dispose();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Opens the panel on a route. */
  async openRoute(uri: vscode.Uri): Promise<void> {
    await this.show({ kind: 'route', uri });
  }

  /** Opens the panel on a fresh run of a workflow. */
  async runWorkflow(uri: vscode.Uri): Promise<void> {
    await this.show({ kind: 'workflow', uri });
  }

  /** Shows a page that the server offers by itself: a lens was clicked, or `window/showDocument` came. */
  async showAddress(address: PreviewAddress, uri?: vscode.Uri): Promise<void> {
    const generation = this.begin();
    if (uri !== undefined) {
      this.subject = { kind: isRoute(uri) ? 'route' : 'workflow', uri };
    }
    await this.load(address, generation);
  }

  /** After the server came back its old pages are gone: ask for them again. */
  async refresh(): Promise<void> {
    if (this.panel !== undefined && this.subject !== undefined) {
      await this.show(this.subject);
    }
  }

  private follow(editor: vscode.TextEditor | undefined): void {
    const uri = editor?.document.uri;
    if (this.panel === undefined || uri === undefined || !isRoute(uri)) {
      return;
    }
    if (this.subject?.kind === 'route' && this.subject.uri.toString() === uri.toString()) {
      return;
    }
    void this.show({ kind: 'route', uri });
  }

  private async show(subject: Subject): Promise<void> {
    const generation = this.begin();
    this.subject = subject;
    try {
      const ask = { uri: subject.uri.toString(), embed: true };
      const command = subject.kind === 'route' ? 'koze.preview.open' : 'koze.preview.run';
      const address = await this.server.command<PreviewAddress>(command, ask);
      await this.load(address, generation);
    } catch (error) {
      this.report(error, generation);
    }
  }

  private async load(address: PreviewAddress, generation: number): Promise<void> {
    try {
      const url = await reachable(address, this.server, this.subject?.uri);
      if (generation !== this.generation || this.panel === undefined) {
        return;
      }
      this.panel.title =
        address.title ?? `Preview ${this.subject === undefined ? '' : shortName(this.subject.uri)}`.trim();
      if (url !== this.shown) {
        this.shown = url;
        this.panel.webview.html = framePage(url, { state: this.state(), dark: isDark() });
      }
    } catch (error) {
      this.report(error, generation);
    }
  }

  private report(error: unknown, generation: number): void {
    const text = error instanceof Error ? error.message : String(error);
    this.log.error(`preview: ${text}`);
    if (generation === this.generation && this.panel !== undefined) {
      this.shown = '';
      this.panel.webview.html = errorPage(text, this.state());
    }
  }

  /** Makes sure there is a panel. What an earlier request still brings is outdated from here on. */
  private begin(): number {
    if (this.panel === undefined) {
      const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
      // Kept while hidden: a tab switch must not throw away the virtual time that the page has run.
      const panel = vscode.window.createWebviewPanel(VIEW_TYPE, 'Preview', column, {
        enableScripts: true,
        retainContextWhenHidden: true,
      });
      this.adopt(panel);
      panel.webview.html = waitingPage();
    } else if (!this.panel.visible) {
      this.panel.reveal(undefined, true);
    }
    return ++this.generation;
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    panel.iconPath = this.icon;
    panel.webview.options = { enableScripts: true };
    panel.webview.onDidReceiveMessage((message: { type?: string }) => {
      if (message.type === 'retry') {
        void this.refresh();
      }
    });
    panel.onDidDispose(() => this.closed());
  }

  private closed(): void {
    this.panel = undefined;
    this.shown = '';
    this.generation++;
    const uri = this.subject?.uri;
    this.subject = undefined;
    if (uri !== undefined) {
      // The server may be gone already; then so is its page.
      this.server.command('koze.preview.stop', { uri: uri.toString() }).catch(() => undefined);
    }
  }

  /** Remembered by VS Code over a reload of the window. */
  private state(): object {
    return { kind: this.subject?.kind, uri: this.subject?.uri.toString() };
  }

  private async revive(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { kind, uri } = (state ?? {}) as { kind?: Subject['kind']; uri?: string };
    if (kind === undefined || uri === undefined || this.panel !== undefined) {
      panel.dispose();
      return;
    }
    this.adopt(panel);
    panel.webview.html = waitingPage();
    await this.show({ kind, uri: vscode.Uri.parse(uri) });
  }
}

function shortName(uri: vscode.Uri): string {
  const [, inside] = /\/src\/(?:routes|server)\/(.+)$/.exec(uri.path) ?? [];
  return inside ?? uri.path.slice(uri.path.lastIndexOf('/') + 1);
}

function isDark(): boolean {
  const { kind } = vscode.window.activeColorTheme;
  return kind === vscode.ColorThemeKind.Dark || kind === vscode.ColorThemeKind.HighContrast;
}

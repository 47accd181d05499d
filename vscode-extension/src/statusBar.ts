import * as vscode from 'vscode';
import type { Phase, ServerController } from './server/controller';
import { ORIGINS } from './server/messages';

/** "Koze 3 workflows, 2 problems"; a click shows the log. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('koze.status', vscode.StatusBarAlignment.Left, 0);
  private readonly subscription: vscode.Disposable;

  constructor(server: ServerController) {
    this.item.name = 'Koze';
    this.item.command = 'koze.showOutput';
    this.subscription = server.onPhase((phase) => this.render(phase));
    this.render(server.phase);
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }

  private render(phase: Phase): void {
    const { text, tooltip, severe } = describe(phase);
    this.item.text = text;
    this.item.tooltip = new vscode.MarkdownString(`${tooltip}\n\nClick for the log · ${links()}`);
    this.item.tooltip.isTrusted = { enabledCommands: ['koze.restartServer', 'koze.openPreview'] };
    this.item.accessibilityInformation = { label: text.replace(/\$\([^)]*\)\s*/g, '') };
    this.item.backgroundColor = severe ? new vscode.ThemeColor('statusBarItem.errorBackground') : undefined;
    if (phase.kind === 'stopped') {
      this.item.hide();
    } else {
      this.item.show();
    }
  }
}

function links(): string {
  return '[Open Preview](command:koze.openPreview) · [Restart Server](command:koze.restartServer)';
}

function describe(phase: Phase): { text: string; tooltip: string; severe: boolean } {
  switch (phase.kind) {
    case 'stopped':
      return { text: 'Koze', tooltip: 'Koze: no server', severe: false };
    case 'starting':
      return { text: '$(sync~spin) Koze', tooltip: 'Koze: the server starts', severe: false };
    case 'failed':
      return { text: '$(error) Koze', tooltip: phase.why, severe: true };
    case 'running': {
      const where = `koze-lsp ${phase.version}, ${ORIGINS[phase.server.origin]}`;
      if (phase.status === undefined) {
        return { text: '$(sync~spin) Koze', tooltip: `${where}: reading the workspace`, severe: false };
      }
      const { workflows, problems, roots } = phase.status;
      const counts = `${plural(workflows, 'workflow')}, ${plural(problems, 'problem')}`;
      const icon = problems > 0 ? '$(warning)' : '$(check)';
      return {
        text: `${icon} Koze: ${counts}`,
        tooltip: `${where}\n\n${counts} in ${plural(roots.length, 'application')}`,
        severe: false,
      };
    }
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

import * as vscode from 'vscode';

/** What `koze.preview.open` and `koze.preview.run` answer. */
export interface PreviewAddress {
  /** The page, on loopback, with its secret. */
  readonly url: string;
  readonly title?: string;
}

export interface PreviewServer {
  command<T>(command: string, argument: object): Promise<T>;
}

const LOOPBACK = /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?$/;

/** Whether a file is a page that the preview can show. */
export function isRoute(uri: vscode.Uri): boolean {
  return uri.scheme === 'file' && /\/src\/routes\/.+\.(?:html|koze|kuratchi)$/.test(uri.path);
}

/** Whether a URL is a page of a preview server: only loopback is ever shown in the panel. */
export function isPreviewUrl(url: string): boolean {
  try {
    const { protocol, host } = new URL(url);
    return protocol === 'http:' && LOOPBACK.test(host);
  } catch {
    return false;
  }
}

/**
 * The address under which the window reaches the page. Locally it is the page's own; over SSH or in a hosted
 * workbench VS Code forwards the port, and the server is told the host under which requests will then come,
 * because it refuses all others.
 */
export async function reachable(
  address: PreviewAddress,
  server: PreviewServer,
  subject?: vscode.Uri,
): Promise<string> {
  if (!isPreviewUrl(address.url)) {
    throw new Error(
      `The server offered ${JSON.stringify(address.url)}, which is no address on this machine.`,
    );
  }
  const own = vscode.Uri.parse(address.url, true);
  const external = await vscode.env.asExternalUri(own);
  // A workbench that is itself served from loopback runs where its browser runs.
  if (
    external.authority === own.authority ||
    (LOOPBACK.test(external.authority) && vscode.env.uiKind === vscode.UIKind.Web)
  ) {
    return address.url;
  }
  await server.command('koze.preview.open', {
    uri: subject?.toString(),
    embed: true,
    hosts: [external.authority],
  });
  return external.toString(true);
}

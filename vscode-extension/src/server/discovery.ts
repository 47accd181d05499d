import * as os from 'node:os';
import * as path from 'node:path';

/** Where a server came from; the status bar's tooltip and the log tell it. */
export type Origin = 'setting' | 'environment' | 'shipped' | 'path';

export interface FoundServer {
  readonly command: string;
  readonly origin: Origin;
}

export interface MissingServer {
  readonly reason: 'setting' | 'none';
  /** The path that `koze.server.path` named, or the places that were looked at. */
  readonly looked: readonly string[];
}

export interface DiscoveryInput {
  /** `koze.server.path`, empty when not set. */
  readonly setting: string;
  /** Absolute paths of the workspace's folders. */
  readonly folders: readonly string[];
  /** An untrusted workspace may not bring a program of its own. */
  readonly trusted: boolean;
  /** The extension's own folder. */
  readonly extensionPath: string;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a path is a file that may be executed. */
  readonly isExecutable: (file: string) => boolean;
}

const ENVIRONMENTS = ['.venv', 'venv'];

/** Finds the server: the setting, the workspace's virtual environment, the shipped one, PATH, in this order. */
export function findServer(input: DiscoveryInput): FoundServer | MissingServer {
  if (input.setting.trim() !== '') {
    const command = expand(input.setting.trim(), input.folders);
    return input.isExecutable(command)
      ? { command, origin: 'setting' }
      : { reason: 'setting', looked: [command] };
  }
  const looked: string[] = [];
  for (const [origin, candidates] of candidatesByOrigin(input)) {
    for (const command of candidates) {
      if (input.isExecutable(command)) {
        return { command, origin };
      }
      looked.push(command);
    }
  }
  return { reason: 'none', looked };
}

export function isFound(result: FoundServer | MissingServer): result is FoundServer {
  return 'command' in result;
}

function candidatesByOrigin(input: DiscoveryInput): [Origin, string[]][] {
  const join = pathOf(input.platform).join;
  const windows = input.platform === 'win32';
  const names = windows ? ['koze-lsp.exe', 'koze-lsp.cmd'] : ['koze-lsp'];
  const scripts = windows ? 'Scripts' : 'bin';
  const environments = input.trusted
    ? input.folders.flatMap((folder) => ENVIRONMENTS.map((name) => join(folder, name, scripts, names[0])))
    : [];
  return [
    ['environment', environments],
    ['shipped', [join(input.extensionPath, 'server', 'koze-lsp', names[0])]],
    ['path', searchPath(input).flatMap((folder) => names.map((name) => join(folder, name)))],
  ];
}

/** The absolute folders of PATH. A relative one would depend on the workspace that happens to be open. */
function searchPath(input: DiscoveryInput): string[] {
  const flavour = pathOf(input.platform);
  const value = input.env.PATH ?? input.env.Path ?? '';
  return value.split(flavour.delimiter).filter((folder) => flavour.isAbsolute(folder));
}

function pathOf(platform: NodeJS.Platform): path.PlatformPath {
  return platform === 'win32' ? path.win32 : path.posix;
}

/** Replaces a leading `~` and `${workspaceFolder}`; a relative path starts at the first folder. */
export function expand(setting: string, folders: readonly string[]): string {
  const folder = folders[0] ?? '';
  let value = setting.replaceAll('${workspaceFolder}', folder);
  if (value === '~' || value.startsWith('~/') || value.startsWith('~\\')) {
    value = path.join(os.homedir(), value.slice(1));
  }
  return path.isAbsolute(value) || folder === '' ? value : path.join(folder, value);
}

// Which language servers this run has started (Linux: it reads /proc).
import { readFileSync, readdirSync } from 'node:fs';
import { RUN } from './paths.mjs';

/** The servers that this run's extension has started, found by the folder that the .vsix was installed into. */
export function serverProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`${RUN}/extensions/`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

import * as fs from 'node:fs';

/** Whether a path is a regular file that this user may run. */
export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Some ways of unpacking an extension lose the bit that makes a file a program; the shipped server gets it back. */
export function restoreExecutableBit(file: string): void {
  try {
    const { mode } = fs.statSync(file);
    if ((mode & 0o111) === 0) {
      fs.chmodSync(file, mode | 0o755);
    }
  } catch {
    // Nothing shipped, or a read-only folder: discovery says the rest.
  }
}

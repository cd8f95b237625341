import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Puts a file in place whole or not at all: whoever opens it, at whatever moment a crash came, finds the old contents
 * or the new, never a part. Only one process may write a given file at a time.
 */
export function writeFileAtomically(file: string, data: string | Uint8Array): void {
  const temporary = `${file}.tmp`;
  try {
    const handle = openSync(temporary, 'w');
    try {
      writeFileSync(handle, data);
      fsyncSync(handle); // or the rename could reach the disk before the data
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw about(file, error);
  }
  syncFolder(dirname(file));
}

/** Makes a rename in a folder last through a power failure. Windows cannot open folders, and needs no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** An error of the system, made to name the file it is about: one from a file that is open does not. */
export function about(file: string, error: unknown): unknown {
  return Object.assign(error as NodeJS.ErrnoException, { path: file });
}

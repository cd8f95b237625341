import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { about } from './write-file.ts';

/** Files locked by this process. */
const held = new Set<string>();

/**
 * Makes this process the only one that may write to a folder, by a file that holds its process id. The lock of a
 * process that no longer runs is taken over.
 *
 * @returns what gives the lock back
 * @throws Error naming the process that holds the lock
 */
export function lock(file: string): () => void {
  const place = resolve(file);
  while (!created(place)) removeStale(place);
  held.add(place);
  return () => {
    if (held.delete(place)) rmSync(place, { force: true });
  };
}

/** Disks without links (FAT, some of the network's) answer so. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

function created(place: string): boolean {
  const whole = `${place}.${process.pid}`;
  const name = `${process.pid}\n`;
  try {
    writeFileSync(whole, name);
    try {
      linkSync(whole, place); // at once with its content: a lock of nobody would stay for ever
    } catch (error) {
      if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      writeFileSync(place, name, { flag: 'wx' });
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw about(place, error);
  } finally {
    rmSync(whole, { force: true });
  }
}

function removeStale(place: string): void {
  const owner = ownerOf(place);
  if (owner === null) return; // given back this very moment
  if (runs(owner, place)) {
    const who = Number.isNaN(owner) ? 'another process' : `process ${owner}`;
    throw new Error(
      `${who} is training in this folder; wait for it or stop it. (If none is, delete ${place}.)`,
    );
  }
  // Of several processes that find the same stale lock, the rename lets one win; the others look again.
  const aside = `${place}.${process.pid}`;
  try {
    renameSync(place, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Should a new owner have come between the look and the rename, its lock is put back.
  if (ownerOf(aside) === owner) rmSync(aside);
  else renameSync(aside, place);
}

/** A process id; NaN where the file holds none; null where there is no file. */
function ownerOf(place: string): number | null {
  try {
    return Number.parseInt(readFileSync(place, 'utf8'), 10);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function runs(owner: number, place: string): boolean {
  // An id can come back, in a container even to the same program.
  if (owner === process.pid) return held.has(place);
  if (!(owner > 0)) return true; // perhaps about to be written
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

import { printable } from '../report/format.ts';

const advice: Record<string, string> = {
  ENOSPC:
    'the disk is full; free some space (a training continues with train --resume, a reproduction with the same command)',
  EDQUOT:
    'your share of the disk is full; free some space (a training continues with train --resume, a reproduction with the same command)',
  EROFS: 'the folder is read-only; choose another',
  EACCES: 'no permission; choose another path, or change its permissions',
  EPERM: 'no permission; choose another path, or change its permissions',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a file stands where a folder was expected',
  EEXIST: 'a file stands where a folder was expected',
  EISDIR: 'it is a folder, not a file',
  EFBIG:
    'the file is larger than this account or disk allows; raise the limit (a training continues with train --resume, a reproduction with the same command)',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
};

/** Characters of a message: it may quote a file or a command line of any length. */
const LONGEST = 600;

/** A message on one line of bounded length, its beginning and its end kept. Nothing in it can steer the terminal. */
export function oneLine(message: string): string {
  const line = printable(message.trim().replace(/\s*\n\s*/g, ' '));
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST / 2)} … ${line.slice(-LONGEST / 2)}`;
}

/** An error as one line for a person: what is wrong, and what to do about it. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined || !Object.hasOwn(advice, code)) return oneLine(message);
  return oneLine(`${path ?? 'a file'}: ${advice[code]} (${code})`);
}

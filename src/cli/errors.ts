const advice: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space (a training continues with train --resume)',
  EDQUOT: 'your share of the disk is full; free some space (a training continues with train --resume)',
  EROFS: 'the folder is read-only; choose another',
  EACCES: 'no permission; choose another path, or change its permissions',
  EPERM: 'no permission; choose another path, or change its permissions',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a file stands where a folder was expected',
  EEXIST: 'a file stands where a folder was expected',
  EISDIR: 'it is a folder, not a file',
};

/** An error as one line for a person: what is wrong, and what to do about it. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined || !Object.hasOwn(advice, code)) return message.replace(/\s*\n\s*/g, ' ');
  return `${path ?? 'a file'}: ${advice[code]} (${code})`;
}

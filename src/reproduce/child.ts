/**
 * Cells in processes of their own, a thread each. A child is stopped by letting go of it: it sees its channel close, as it
 * also does when this process dies, saves and ends. So no child is ever left behind.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** What a child may write before its error is cut off, in characters. */
const MOST_ERROR = 10_000;

/**
 * Runs `node main ...args` to its end.
 *
 * @throws Error with what the child says was wrong
 */
export async function runChild(
  main: string,
  args: readonly string[],
  { signal, onProgress }: { signal: AbortSignal; onProgress: (share: number) => void },
): Promise<void> {
  const child = fork(main, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  const stderr = child.stderr as Readable; // a pipe, as asked
  stderr.on('data', (data) => {
    said = `${said}${data}`.slice(-MOST_ERROR);
  });
  child.on('message', (share) => onProgress(Number(share)));
  const stop = (): void => {
    if (child.connected) child.disconnect();
  };
  signal.addEventListener('abort', stop);
  try {
    // Not 'close': it does not come where this side let go first.
    const [[code, endedBy]] = await Promise.all([once(child, 'exit'), once(stderr, 'end')]);
    if (code === 0 || signal.aborted) return;
    const lines = said.trim().split('\n');
    const what = lines.findLast((line) => /error: /i.test(line)) ?? lines.at(-1);
    throw new Error(
      what?.replace(/^error: /, '') || `its process was ended by ${endedBy ?? `exit code ${code}`}`,
    );
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** In a child: what its parent is told, and a signal that comes when the parent lets go of it or dies. */
export function asChild(): { signal: AbortSignal; onProgress: (share: number) => void; end: () => void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const ignore = (): void => {}; // Ctrl-C reaches all processes of a terminal; the parent decides
  process.on('disconnect', stop).on('SIGINT', ignore);
  return {
    signal: controller.signal,
    onProgress: (share) => {
      if (process.connected) process.send?.(share, undefined, undefined, () => {}); // it may die meanwhile
    },
    end: () => {
      process.off('disconnect', stop).off('SIGINT', ignore);
      if (process.connected) process.disconnect();
    },
  };
}

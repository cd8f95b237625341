// Runs exercises in a child, one after the other, and goes on with a new one where an answer never comes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const DEFAULT_SEED = 2311;
/** How long an exercise may take, in milliseconds: the slowest of them is done in two seconds. */
const PATIENCE = 30_000;

const childFile = fileURLToPath(new URL('child.mjs', import.meta.url));

/**
 * What comes of jobs { folder, answer: 'exercise' | 'solution' | 'near-misses', seed }, each as it is done.
 *
 * @param quiet whether to hold back what the answers print
 */
export async function* attempts(jobs, { quiet = false, patience = PATIENCE } = {}) {
  let child = null;
  try {
    for (const job of jobs) {
      child ??= await start(quiet);
      const result = await ask(child, { seed: DEFAULT_SEED, ...job }, patience);
      if (result.ended) child = null;
      yield { ...job, ...result };
    }
  } finally {
    child?.kill('SIGKILL');
  }
}

async function start(quiet) {
  const output = quiet ? 'ignore' : 'inherit';
  // Source maps: errors name the lines of exercise.ts.
  const child = fork(childFile, {
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', output, 'inherit', 'ipc'],
  });
  const ready = once(child, 'message');
  const gone = once(child, 'exit').then(() => Promise.reject(new Error('the checks could not be loaded')));
  await Promise.race([ready, gone]);
  return child;
}

function ask(child, job, patience) {
  return new Promise((resolve) => {
    const end = (what) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.kill('SIGKILL');
      const failure = { says: 'it comes to an end', given: [], what, expected: null, got: null };
      resolve({
        ended: true,
        outcomes: [{ state: 'wrong', held: [], failure: { ...failure, threw: true, shrunk: null } }],
      });
    };
    const timer = setTimeout(
      () => end(`no answer in ${patience / 1000} seconds: does a loop never end?`),
      patience,
    );
    child.once('message', (result) => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(result);
    });
    child.once('exit', () => end('the process has ended'));
    child.send(job);
  });
}

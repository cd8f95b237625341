// Runs exercises in a child, one after the other, and goes on with a new one where an answer never comes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const DEFAULT_SEED = 2311;
/** How long an exercise may take, in milliseconds: the slowest of them is done in two seconds. */
const PATIENCE = 30_000;

const childFile = fileURLToPath(new URL('child.mjs', import.meta.url));

/**
 * What comes of jobs { folder, answer: 'exercise' | 'solution' | 'near-misses', seed }, each as it is done; of those whose
 * answer is null only what the exercise is about.
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

/** What comes of one job. */
export async function attempt(job, options) {
  for await (const result of attempts([job], options)) return result;
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

/** What the child says of a job; `ended` where it had to be ended. */
function ask(child, job, patience) {
  return new Promise((resolve) => {
    const result = {};
    const done = (more) => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve({ ...result, ...more });
    };
    const end = (what) => {
      child.kill('SIGKILL');
      const failure = { says: 'it comes to an end', given: [], what, expected: null, got: null };
      done({
        ended: true,
        outcomes: [{ state: 'wrong', held: [], failure: { ...failure, threw: false, shrunk: null } }],
      });
    };
    const timer = setTimeout(
      () => end(`No answer in ${patience / 1000} seconds: does a loop never end?`),
      patience,
    );
    child.on('message', (message) => {
      Object.assign(result, message);
      if (result.outcomes) done();
    });
    child.once('exit', () => end('The process has ended.'));
    child.send(job);
  });
}

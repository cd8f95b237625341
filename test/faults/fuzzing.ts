/**
 * Fuzzing: a hostile input is either accepted, or refused by an Error of one line that a person can read; never a hang,
 * never a crash, never memory out of proportion. Each input is tried in another process, so that one that hangs or is
 * killed is a counterexample like any other, to be shrunk.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll } from 'vitest';
import { freshPath } from '../train/tiny.ts';
import { howMany, seed } from './cases.ts';

/** What is asked of subject.mjs. */
export interface Trial {
  kind: 'safetensors' | 'tokenizer' | 'config' | 'commandLine' | 'text' | 'misbehave';
  input: Record<string, unknown>;
}

interface Answer {
  /** For each reader of the input null where it accepted, or what it said. */
  answers: ({ name: string; message: string } | null)[];
  ms: number;
  cpuMs: number;
  growth: number;
}

/** Bounds of a case: processor time, and bytes above what the process held before. */
const MOST_CPU_MS = 2000;
const MOST_GROWTH = 256e6;
const MOST_CHARACTERS = 1000;

/** What V8 and Node say when code trips over a value it did not expect. */
const RAW =
  /Cannot (read|set|destructure|convert|mix|access|assign|create|define)|is not (a function|iterable|defined|a constructor|extensible|an object)|Invalid (array|string|typed array|count)|Maximum call stack|Array buffer allocation|argument must be|must be of type|null bytes|Reduce of empty|\bat \S+ \(|node:internal/;

export class Subject {
  readonly #root: string;
  readonly #hangMs: number;
  #child: ChildProcess | null = null;

  /**
   * @param run a finished run, of which it gets a copy
   * @param hangMs what takes so long by the clock hangs
   */
  constructor(run: string, text: string, hangMs = 20_000) {
    this.#hangMs = hangMs;
    this.#root = freshPath();
    mkdirSync(this.#root);
    cpSync(run, join(this.#root, 'run'), { recursive: true });
    cpSync(text, join(this.#root, 'text.txt'));
    afterAll(() => this.#child?.kill('SIGKILL'));
  }

  async ask(trial: Trial): Promise<Answer> {
    const child = this.#child ?? (await this.#start());
    const stop = new AbortController();
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#hangMs);
    try {
      child.send(trial);
      const [answer] = await Promise.race([
        once(child, 'message', { signal: stop.signal }),
        once(child, 'exit', { signal: stop.signal }).then(([code, signal]) => {
          this.#child = null;
          throw new Error(
            signal === 'SIGKILL' ? `it hangs, for ${this.#hangMs} ms` : `it crashes: ${code} ${signal}`,
          );
        }),
      ]);
      return answer as Answer;
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }

  async #start(): Promise<ChildProcess> {
    const file = fileURLToPath(new URL('subject.mjs', import.meta.url));
    this.#child = fork(file, [this.#root], {
      serialization: 'advanced',
      execArgv: ['--max-old-space-size=512'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await once(this.#child, 'message');
    return this.#child;
  }
}

export interface Counts {
  cases: number;
  /** By a reader at least, and refused by all. */
  accepted: number;
  refused: number;
  slowestMs: number;
  /** The most that one case added to what the process held. */
  peakMB: number;
}

/** Tries inputs made from what `recipes` draws; a failure reports the seed and the smallest recipe. */
export async function fuzz<R>(
  subject: Subject,
  recipes: fc.Arbitrary<R>,
  make: (recipe: R) => Trial,
): Promise<Counts> {
  const numRuns = howMany('HOPGRAD_CASES', 200);
  const counts: Counts = { cases: 0, accepted: 0, refused: 0, slowestMs: 0, peakMB: 0 };
  await fc.assert(
    fc.asyncProperty(recipes, async (recipe) => {
      const { answers, ms, cpuMs, growth } = await subject.ask(make(recipe));
      for (const answer of answers) if (answer) check(answer);
      if (cpuMs > MOST_CPU_MS) throw new Error(`it takes ${cpuMs} ms`);
      if (growth > MOST_GROWTH) throw new Error(`it takes ${growth / 1e6} MB`);
      counts.cases++;
      counts[answers.includes(null) ? 'accepted' : 'refused']++;
      counts.slowestMs = Math.max(counts.slowestMs, ms);
      counts.peakMB = Math.max(counts.peakMB, growth / 1e6);
    }),
    {
      numRuns,
      seed,
      asyncReporter: async ({ failed, counterexample, counterexamplePath, errorInstance }) => {
        if (!failed) return;
        const [recipe] = counterexample ?? [];
        throw new Error(
          `${(errorInstance as Error)?.message} (HOPGRAD_SEED=${seed}, path ${counterexamplePath}) for the recipe ` +
            fc.stringify(recipe),
        );
      },
    },
  );
  return counts;
}

/** @throws Error unless a refusal is one line for a person */
function check({ name, message }: { name: string; message: string }): void {
  if (message.startsWith('Usage: hopgrad')) return; // without a command it explains itself
  const command = name.startsWith('status ');
  const problem =
    (RAW.test(message) && 'raw') ||
    (message.length > MOST_CHARACTERS && `${message.length} characters`) ||
    (message.trim() === '' && 'empty') ||
    (command && name !== 'status 1' && 'another status') ||
    ((command ? !isComplaint(message) : /[\r\n\u2028\u2029]/.test(message)) && 'not one line');
  if (problem) throw new Error(`not a message for a person (${problem}): ${name}: ${message.slice(0, 2000)}`);
}

/** What a command writes beside warnings (`! …`) is one line that begins with `error:`. */
function isComplaint(stderr: string): boolean {
  const lines = stderr.trimEnd().split('\n');
  const errors = lines.filter((line) => !line.startsWith('! '));
  return errors.length === 1 && errors[0].startsWith('error: ');
}

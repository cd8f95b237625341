import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { vi } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { freshPath, textFile } from '../train/tiny.ts';

const main = resolve('dist/src/cli/main.js');

export interface Outcome {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The environment of the tests, without what would change colours or messages. */
function environment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const { NO_COLOR: _1, FORCE_COLOR: _2, CI: _3, HOPGRAD_DEBUG: _4, ...rest } = process.env;
  return { ...rest, ...extra };
}

/** Runs `hopgrad` to its end, in a folder of its own unless another is given. */
export function hopgrad(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Outcome {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: options.cwd,
    env: environment(options.env ?? {}),
    encoding: 'utf8',
  });
  return { status, signal, stdout, stderr };
}

/** Runs `hopgrad` to its end in this process: without the half second that starting one takes. */
export async function hopgradHere(args: readonly string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  vi.stubEnv('FORCE_COLOR', undefined);
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += text;
      return true;
    });
  }
  try {
    const status = await run(args);
    return { status, signal: null, ...written };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}

/** Starts `hopgrad`; `finished` resolves when it ends. */
export function startHopgrad(args: readonly string[]): { child: ChildProcess; finished: Promise<Outcome> } {
  const child = spawn(process.execPath, [main, ...args], {
    env: environment({}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (data) => {
    stdout += data;
  });
  child.stderr!.on('data', (data) => {
    stderr += data;
  });
  const finished = once(child, 'close').then(([status, signal]) => ({ status, signal, stdout, stderr }));
  return { child, finished };
}

/** Options of a training that takes a moment. */
export const tiny: readonly string[] =
  '--layers 2 --dim 16 --heads 2 --context 16 --batch 2 --warmup 2 --device cpu'.split(' ');

/** A finished run of six steps. */
export async function tinyTraining(...more: string[]): Promise<{ folder: string; outcome: Outcome }> {
  const folder = freshPath();
  const args = ['train', ...tiny, '--steps', '6', '--data', textFile(), '--out', folder, ...more];
  return { folder, outcome: await hopgradHere(args) };
}

/** Waits until the run in `folder` has logged `rows` steps. */
export async function waitForRows(folder: string, rows: number): Promise<void> {
  const file = join(folder, 'metrics.jsonl');
  for (let tries = 0; tries < 1000; tries++) {
    if (existsSync(file) && readFileSync(file, 'utf8').split('\n').length > rows) return;
    await delay(10);
  }
  throw new Error(`no ${rows} rows in ${file}`);
}

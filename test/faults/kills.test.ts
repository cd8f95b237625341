import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, type TestContext, test, vi } from 'vitest';
import { Random } from '../../src/tensor/random.ts';
import { readTensors } from '../../src/train/checkpoint.ts';
import { hopgrad, type Outcome, startHopgrad } from '../cli/run-cli.ts';
import { freshPath } from '../train/tiny.ts';
import { found, howMany, seed } from './cases.ts';
import { expectSameBits, nextCommand, preload, type Training, training } from './runs.ts';

/** Kills per device, and file calls at which to kill. */
const KILLS = howMany('HOPGRAD_KILLS', 2);
const CALLS = howMany('HOPGRAD_KILLED_CALLS', 2);
vi.setConfig({ testTimeout: 60_000 + 10_000 * (KILLS + CALLS) });

/** Kills in a row, before a run may come to its end. */
const IN_A_ROW = 6;

/** Steps that the checkpoint of a run is of; 0 before there is one. It must be whole. */
function checkpointStep(folder: string): number {
  const file = join(folder, 'checkpoint.safetensors');
  return existsSync(file) ? Number(readTensors(file).metadata.get('step')) : 0;
}

/** Rows that were logged whole. */
function loggedRows(folder: string): number {
  const file = join(folder, 'metrics.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

/** Lets a training run until some moment, then kills it, unless it comes to its end before. */
async function killLater(command: string[], folder: string, random: Random): Promise<Outcome> {
  const { child, finished } = startHopgrad(command);
  let ended = false;
  finished.then(() => {
    ended = true;
  });
  const until = async (happened: () => boolean): Promise<void> => {
    while (!happened() && !ended) await delay(1);
  };
  const writing = (): boolean => existsSync(join(folder, 'checkpoint.safetensors.tmp'));
  const rows = loggedRows(folder);
  // A third each: while it starts or reads what is there, while it writes a checkpoint, anywhere after its first step.
  const moment = random.int(3);
  if (moment === 0) await delay(600 * random.uniform());
  else await until(() => loggedRows(folder) !== rows);
  if (moment === 1) await until(writing);
  if (moment > 0) await delay((moment === 1 ? 8 : 600) * random.uniform());
  child.kill('SIGKILL');
  return finished;
}

for (const device of ['reference', 'cpu']) {
  test(`${device}: killed at random moments, a run ends with the bits of one never killed`, async (context: TestContext) => {
    const whole = training(3, ...'--layers 2 --dim 96 --steps 30 --batch 1 --device'.split(' '), device);
    const random = new Random(seed).fork('kills').fork(device);
    const figures = {
      kills: 0,
      inCheckpoint: 0,
      beforeFirstStep: 0,
      runs: 0,
      resumedIdentically: 0,
      mostStepsLost: 0,
    };
    const chain = async (): Promise<void> => {
      const folder = freshPath();
      for (let row = 0, step = 0; ; row++) {
        const before = loggedRows(folder);
        const command = nextCommand(whole, folder);
        const last = row === IN_A_ROW || figures.kills === KILLS;
        const { signal, status, stderr, stdout } = last
          ? { ...hopgrad(command), signal: null }
          : await killLater(command, folder, random);
        expect(stderr).toMatch(/^(! .*\n)*$/);
        if (signal === null) {
          expect(status).toBe(0);
          if (step > 0 && step < 30) expect(stdout).toContain(`continuing after step ${step}\n`);
          return expectSameBits(folder, whole);
        }
        const now = checkpointStep(folder);
        const lost = loggedRows(folder) - now;
        expect(now).toBeGreaterThanOrEqual(step);
        expect(lost).toBeLessThanOrEqual(whole.checkpointEvery);
        step = now;
        figures.kills++;
        figures.mostStepsLost = Math.max(figures.mostStepsLost, lost);
        if (existsSync(join(folder, 'checkpoint.safetensors.tmp'))) figures.inCheckpoint++;
        else if (loggedRows(folder) <= before) figures.beforeFirstStep++;
      }
    };
    while (figures.kills < KILLS) {
      await chain();
      figures.runs++;
      figures.resumedIdentically++;
    }
    found(context, { [device]: { ...figures, checkpointEvery: whole.checkpointEvery } });
  });
}

test('killed at any call that changes a file, a write cut in half, it goes on to the same bits', (context: TestContext) => {
  const whole: Training = training(1, '--steps', '3');
  const counted = freshPath();
  const env = { ...preload('kill-at'), COUNT_IN: counted };
  expect(hopgrad([...whole.args, '--out', freshPath()], { env }).status).toBe(0);
  const calls = Number(readFileSync(counted, 'utf8'));
  expect(calls).toBeGreaterThan(20);
  const every = Math.max(1, Math.floor(calls / CALLS));
  let kills = 0;
  for (let call = 1 + new Random(seed).int(every); call <= calls; call += every) {
    const folder = freshPath();
    const kill = (): Outcome =>
      hopgrad(nextCommand(whole, folder), { env: { ...preload('kill-at'), KILL_AT: String(call) } });
    // Once as it begins; and once more as it resumes, which may need fewer calls and so come to its end.
    expect(kill().signal).toBe('SIGKILL');
    const { signal, stderr } = kill();
    expect(stderr).toMatch(/^(! .*\n)*$/);
    kills += signal === 'SIGKILL' ? 2 : 1;
    expect(hopgrad(nextCommand(whole, folder))).toMatchObject({ status: 0 });
    expectSameBits(folder, whole);
  }
  found(context, { calls: { calls, kills } });
});

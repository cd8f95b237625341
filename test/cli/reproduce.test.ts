/** `hopgrad reproduce`, with its children. What a grid does is tested in test/reproduce. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freshPath, savedCurve } from '../train/tiny.ts';
import { hopgrad, hopgradHere, startHopgrad, waitForRows } from './run-cli.ts';

const small = ['--steps', '2', '--questions', '1', '--seeds', '1'];
const cell = 'dense-2x64-seed0';
const only = ['reproduce', '--only', 'dense-2x64', ...small];

test('trains in a child, measures, times and reports; then there is nothing left to do', () => {
  const folder = freshPath();
  const first = hopgrad([...only, '--out', folder, '--json']);
  expect(first.stderr).toMatch(
    /^dense-2x64-seed0 {2}\d\.\d+ nats, 2\.00 of 2 layers, hop-24 [\d.]+%, [\d.]+s\ntiming …\nreport {2}.*\n$/,
  );
  expect(first.status).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({ out: folder, cells: [cell], failed: [], missing: [] });
  const result = JSON.parse(readFileSync(join(folder, `${cell}.json`), 'utf8'));
  expect(result.command).toMatch(/^hopgrad train .*--steps 2 .*--router none$/);
  expect(existsSync(join(folder, 'timing.json'))).toBe(true);
  expect(readdirSync(join(folder, 'runs', cell))).not.toContain('checkpoint.safetensors');

  const second = hopgrad([...only, '--out', folder]);
  expect(second.stdout).toMatch(/^report {2}.*\n$/);

  rmSync(join(folder, 'report.html'));
  expect(hopgrad(['reproduce', '--report', '--out', folder]).status).toBe(0);
  expect(existsSync(join(folder, 'report.html'))).toBe(true);
  const timed = readFileSync(join(folder, 'timing.json'), 'utf8');
  expect(hopgrad(['reproduce', '--timing', '--out', folder]).status).toBe(0);
  expect(readFileSync(join(folder, 'timing.json'), 'utf8')).not.toBe(timed);

  const other = hopgrad([...only, '--out', folder, '--steps', '3']);
  expect(other.status).toBe(1);
  expect(other.stderr).toMatch(
    /^error: .*dense-2x64-seed0.json is of another recipe \(training.steps 2, not 3\); delete it .*\n$/,
  );
}, 120_000);

/** A grid of two cells that never end, as soon as both train. */
async function endless(): Promise<ReturnType<typeof startHopgrad> & { folder: string; runs: string[] }> {
  const folder = freshPath();
  const options = ['--steps', '100000', '--seeds', '2', '--jobs', '2', '--out', folder];
  const process = startHopgrad(['reproduce', '--only', 'dense-2x64', ...options]);
  const runs = [0, 1].map((seed) => join(folder, 'runs', `dense-2x64-seed${seed}`));
  for (const run of runs) await waitForRows(run, 2);
  return { ...process, folder, runs };
}

test('Ctrl-C stops the children at a checkpoint and exits with 130', async () => {
  const { child, finished, folder, runs } = await endless();
  child.kill('SIGINT');
  const { status, stdout, stderr } = await finished;
  expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
  expect(stdout).toBe('stopping; what is trained is saved, and the same command continues\n');
  for (const run of runs) {
    expect(existsSync(join(run, 'lock'))).toBe(false);
    expect(existsSync(join(run, 'checkpoint.safetensors'))).toBe(true);
    expect(savedCurve(run).length).toBeGreaterThan(1);
  }
  expect(existsSync(join(folder, 'lock'))).toBe(false);
}, 60_000);

test('children end by themselves where their parent is killed', async () => {
  const { child, finished, runs } = await endless();
  child.kill('SIGKILL');
  await finished;
  while (runs.some((run) => existsSync(join(run, 'lock')))) await delay(20);
  for (const run of runs) expect(existsSync(join(run, 'checkpoint.safetensors'))).toBe(true);
}, 60_000);

test('a child that fails is told of in its own words, and the exit code is 1', async () => {
  const { child, finished, folder } = await endless();
  const args = ['reproduce', '--cell', cell, '--steps', '100000', '--out', folder];
  expect(hopgrad(args)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error: process \d+ is training in this folder; .*\n$/),
  });
  child.kill('SIGINT');
  await finished;
  rmSync(join(folder, 'runs', cell, 'metrics.jsonl')); // its steps are gone
  const outcome = hopgrad(['reproduce', '--only', cell, '--steps', '100000', '--out', folder, '--json']);
  expect(outcome.status).toBe(1);
  const [{ message, cell: failed }] = JSON.parse(outcome.stdout).failed;
  expect(failed).toBe(cell);
  expect(message).toContain('rows are missing, so the run cannot be continued');
  expect(outcome.stderr).toContain(`! ${cell} failed: `);
  expect(outcome.stderr).toContain('1 of 1 cells failed; the same command tries them again');
}, 60_000);

test.each([
  [['--only', 'nothing'], "no cell has 'nothing' in its name"],
  [['--cell', 'nothing'], 'there is no cell nothing in this grid'],
  [['--report', '--out', '/nowhere'], '/nowhere holds no results yet; make them with: hopgrad reproduce'],
  [['--timing', '--report'], "option '--timing' cannot be used with option '--report'"],
  [['--steps', '0'], 'It must be a number from 1 up'],
])('%j is a mistake', async (more, message) => {
  const { status, stderr } = await hopgradHere(['reproduce', ...more]);
  expect(status).toBe(1);
  expect(stderr).toContain(message);
});

test('help', async () => {
  const { stdout } = await hopgradHere(['reproduce', '--help']);
  expect(stdout).toContain('--quick');
  expect(stdout).not.toContain('--cell');
});

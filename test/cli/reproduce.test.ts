/** `hopgrad reproduce`, with its children. What a grid does is tested in test/reproduce. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { only as cellsNamed, grid } from '../../src/reproduce/grid.ts';
import { fakeCell } from '../reproduce/fake-cells.ts';
import { freshPath, savedCurve } from '../train/tiny.ts';
import { hopgrad, hopgradHere, startHopgrad, waitForRows } from './run-cli.ts';

const small = ['--steps', '2', '--questions', '1', '--seeds', '1'];
const cell = 'dense-2x32-seed0';
const only = ['reproduce', '--only', 'dense-2x32', ...small];

test('trains in a child, measures, times and reports; then there is nothing left to do', () => {
  const folder = freshPath();
  const first = hopgrad([...only, '--out', folder, '--json']);
  expect(first.stderr).toMatch(
    /^0 of 1 cells done, 1 to do\ndense-2x32-seed0 {2}\d\.\d+ nats, 2\.00 of 2 layers, hop-24 -?[\d.]+ points above chance, [\d.]+s\ntiming …\n *model [\s\S]*\n *dense \(2\) .*\n[\s\S]*\nreport {2}.*\n$/,
  );
  expect(first.status).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({ out: folder, cells: [cell], failed: [], missing: [] });
  const result = JSON.parse(readFileSync(join(folder, `${cell}.json`), 'utf8'));
  expect(result.command).toMatch(/^hopgrad train .*--steps 2 .*--router none$/);
  expect(existsSync(join(folder, 'timing.json'))).toBe(true);
  expect(readdirSync(join(folder, 'runs', cell))).not.toContain('checkpoint.safetensors');

  const second = hopgrad([...only, '--out', folder]);
  expect(second.stdout).toMatch(/^1 of 1 cells done, 0 to do\n *model [\s\S]*\nreport {2}.*\n$/);

  rmSync(join(folder, 'report.html'));
  const report = hopgrad(['reproduce', '--report', '--out', folder]);
  expect(report.status).toBe(0);
  const { length } = grid({ seeds: 1 }); // the grid that was asked for, though no flag says so
  expect(report.stdout).toContain(`${length - 1} of ${length} models of the grid are not trained`);
  expect(existsSync(join(folder, 'report.html'))).toBe(true);
  const timed = readFileSync(join(folder, 'timing.json'), 'utf8');
  expect(hopgrad(['reproduce', '--timing', '--out', folder]).status).toBe(0);
  expect(readFileSync(join(folder, 'timing.json'), 'utf8')).not.toBe(timed);

  const other = hopgrad([...only, '--out', folder, '--steps', '3']);
  expect(other.status).toBe(1);
  expect(JSON.parse(readFileSync(join(folder, 'grid.json'), 'utf8'))).toMatchObject({ steps: 2, seeds: 1 });
  expect(other.stderr).toMatch(
    /^error: .*dense-2x32-seed0.json is of another recipe \(training.steps 2, not 3\); delete it and .*runs\/dense-2x32-seed0 to .*\n$/,
  );
}, 120_000);

/** A grid of two cells that never end, as soon as both train. */
async function endless(): Promise<ReturnType<typeof startHopgrad> & { folder: string; runs: string[] }> {
  const folder = freshPath();
  const options = ['--steps', '100000', '--seeds', '2', '--jobs', '2', '--out', folder];
  const process = startHopgrad(['reproduce', '--only', 'dense-2x32', ...options]);
  const runs = [0, 1].map((seed) => join(folder, 'runs', `dense-2x32-seed${seed}`));
  for (const run of runs) await waitForRows(run, 2);
  return { ...process, folder, runs };
}

test('Ctrl-C stops the children at a checkpoint and exits with 130', async () => {
  const { child, finished, folder, runs } = await endless();
  child.kill('SIGINT');
  const { status, stdout, stderr } = await finished;
  expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
  expect(stdout).toBe(
    '0 of 2 cells done, 2 to do\nstopping; what is trained is saved, and the same command continues\n',
  );
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

/** A folder with a made-up result. */
function made(text?: string): string {
  const folder = freshPath();
  mkdirSync(folder);
  const result = fakeCell({ model: 'dense', layers: 2 });
  writeFileSync(join(folder, `${result.cell}.json`), text ?? JSON.stringify(result));
  return folder;
}

test.each([[], ['--report'], ['--timing']])(
  'one process at a time works in a folder (%#)',
  async (...flags) => {
    const folder = made();
    writeFileSync(join(folder, 'lock'), '1\n'); // the first process of a system always runs
    const { status, stderr } = await hopgradHere(['reproduce', '--out', folder, ...flags]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: process 1 is training in this folder; /);
    expect(readdirSync(folder).sort()).toEqual([`${cell}.json`, 'lock']);
  },
);

test('a damaged result is told of before anything is trained', async () => {
  const folder = made('{}');
  const { status, stderr } = await hopgradHere(['reproduce', '--only', 'learned-b-6', '--out', folder]);
  expect(status).toBe(1);
  expect(stderr).toContain(`${cell}.json is no whole result of a cell`);
  expect(readdirSync(folder)).toEqual([`${cell}.json`]);
});

test('flags go before what a folder was asked for', async () => {
  const folder = made();
  const asked = { quick: true, seed: 0, seeds: 5, steps: 9, questions: 3 };
  writeFileSync(join(folder, 'grid.json'), JSON.stringify(asked));
  const report = async (...flags: string[]): Promise<string> =>
    (await hopgradHere(['reproduce', '--report', '--out', folder, ...flags])).stdout;
  const missing = (options: object): string =>
    ` of ${grid(options).length} models of the grid are not trained`;
  expect(await report()).toContain(missing(asked));
  expect(await report('--seeds', '1')).toContain(missing({ ...asked, seeds: 1 }));
  writeFileSync(join(folder, 'grid.json'), JSON.stringify({ ...asked, quick: false }));
  expect(await report('--quick')).toContain(missing({ quick: true })); // another grid
}, 60_000);

/** What comes in the middle of drawing a report. */
const drawing = vi.hoisted(() => ({ meanwhile: (): void => {} }));
vi.mock('../../src/reproduce/report.ts', async (original) => {
  const all = await original<typeof import('../../src/reproduce/report.ts')>();
  const { readReproduction } = all;
  const read: typeof readReproduction = (...args) => {
    drawing.meanwhile();
    return readReproduction(...args);
  };
  return { ...all, readReproduction: read };
});

test('Ctrl-C while the report is drawn lets it be drawn, and the exit code is 130', async () => {
  const folder = made();
  drawing.meanwhile = () => process.kill(process.pid, 'SIGINT');
  try {
    const { status, stdout } = await hopgradHere(['reproduce', '--report', '--out', folder]);
    expect(status).toBe(130);
    expect(stdout).toContain('\nreport  ');
  } finally {
    process.exitCode = undefined;
    drawing.meanwhile = () => {};
  }
});

test.each([
  [['--only', 'nothing'], "no cell has 'nothing' in its name"],
  [['--cell', 'nothing'], 'there is no cell nothing in this grid'],
  [['--report', '--out', '/nowhere'], '/nowhere holds no results yet; make them with: hopgrad reproduce'],
  [['--timing', '--report'], "option '--timing' cannot be used with option '--report'"],
  [['--timing', '--only', 'dense'], "option '--timing' cannot be used with option '--only <pattern>'"],
  [['--report', '--only', 'dense'], "option '--report' cannot be used with option '--only <pattern>'"],
  [['--steps', '0'], 'It must be a number from 1 up'],
])('%j is a mistake', async (more, message) => {
  const { status, stderr } = await hopgradHere(['reproduce', ...more]);
  expect(status).toBe(1);
  expect(stderr).toContain(message);
});

test('help, with a pattern that finds cells', async () => {
  const { stdout } = await hopgradHere(['reproduce', '--help']);
  expect(stdout).toContain('--quick');
  expect(stdout).not.toContain('--cell');
  const pattern = /--only '(.+?)'/.exec(stdout)![1];
  expect(cellsNamed(grid(), pattern).length).toBeGreaterThan(1);
});

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { resultFile, runPath } from '../../src/reproduce/cell-files.ts';
import { runCell } from '../../src/reproduce/run-cell.ts';
import { freshPath } from '../train/tiny.ts';
import { QUESTIONS, tinyCell } from './tiny-grid.ts';

/** Parts of measuring as they are begun, and `turn` where the process gets one. */
const order: string[] = [];
const told = vi.hoisted(() => <F extends (...args: never[]) => unknown>(name: string, part: F): F => {
  return ((...args) => {
    order.push(name);
    setImmediate(() => order.push('turn'));
    return part(...args);
  }) as F;
});
vi.mock('../../src/evaluate/calibrate-exit.ts', async (original) => {
  const all = await original<typeof import('../../src/evaluate/calibrate-exit.ts')>();
  return { ...all, calibrateExit: told('calibrate', all.calibrateExit) };
});
vi.mock('../../src/train/summary.ts', async (original) => {
  const all = await original<typeof import('../../src/train/summary.ts')>();
  return { ...all, measure: told('measure', all.measure) };
});
vi.mock('../../src/evaluate/depth-analysis.ts', async (original) => {
  const all = await original<typeof import('../../src/evaluate/depth-analysis.ts')>();
  return { ...all, analyseDepth: told('depth', all.analyseDepth) };
});
vi.mock('../../src/evaluate/one-shot/run-task.ts', async (original) => {
  const all = await original<typeof import('../../src/evaluate/one-shot/run-task.ts')>();
  return { ...all, runTask: told('task', all.runTask) };
});

const cell = tinyCell('early-exit', 0, 2);
const options = { questions: QUESTIONS, command: 'by hand' };

test('signals get their turn between any two parts of measuring', async () => {
  expect(await runCell(cell, { ...options, folder: freshPath() })).toBe(true);
  const parts = ['calibrate', 'measure', 'depth', ...Array.from({ length: 24 }, () => 'task')];
  expect(order.filter((name) => name !== 'turn')).toEqual(parts);
  expect(order).toEqual(parts.flatMap((name) => [name, 'turn']).slice(0, -1));
});

describe('a cell that another process still works on', () => {
  /** A folder in which the first process of a system, which always runs, trains the cell. */
  const taken = (): { folder: string; lock: string } => {
    const folder = freshPath();
    mkdirSync(runPath(folder, cell), { recursive: true });
    const lock = join(runPath(folder, cell), 'lock');
    writeFileSync(lock, '1\n');
    return { folder, lock };
  };

  test('is waited for, and then run', async () => {
    const { folder, lock } = taken();
    const running = runCell(cell, { ...options, folder });
    await delay(150);
    expect(existsSync(resultFile(folder, cell))).toBe(false);
    rmSync(lock);
    expect(await running).toBe(true);
    expect(existsSync(resultFile(folder, cell))).toBe(true);
  });

  test('is done where that one finished it', async () => {
    const { folder, lock } = taken();
    const running = runCell(cell, { ...options, folder });
    writeFileSync(resultFile(folder, cell), 'its result');
    rmSync(lock);
    expect(await running).toBe(true);
    expect(readFileSync(resultFile(folder, cell), 'utf8')).toBe('its result');
  });

  test('has failed where that takes too long, and is let be where it is stopped', async () => {
    const { folder } = taken();
    await expect(runCell(cell, { ...options, folder, patience: 0.1 })).rejects.toThrow(
      'process 1 is training',
    );
    expect(await runCell(cell, { ...options, folder, signal: AbortSignal.timeout(50) })).toBe(false);
  });
});

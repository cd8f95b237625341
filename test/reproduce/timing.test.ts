import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readTimings, takeTimings, timingFile, timingsAreMissing } from '../../src/reproduce/timing.ts';
import type { Timings } from '../../src/reproduce/types.ts';
import { freshPath } from '../train/tiny.ts';
import { fakeCell } from './fake-cells.ts';
import { runTiny, tinyCell } from './tiny-grid.ts';

const options = { rounds: 3, threads: 1 };

test('every model once, beside its dense twin, at the density it was trained to', async () => {
  const folder = freshPath();
  const cells = [tinyCell('learned-b', 0), tinyCell('learned-b', 1), tinyCell('early-exit', 0)];
  const { finished } = await runTiny(cells, folder, { keep: 'weights' });
  expect(timingsAreMissing(folder, finished)).toBe(true);
  let turns = 0;
  const onTurn = (done: number, of: number): void => {
    expect([done, of]).toEqual([++turns, 3 * 4]);
  };
  expect(await takeTimings(folder, finished, { ...options, onTurn })).toEqual([]);
  expect(turns).toBe(12);
  expect(timingsAreMissing(folder, finished)).toBe(false);

  const { rows, threads }: Timings = JSON.parse(readFileSync(timingFile(folder), 'utf8'));
  expect(threads).toBe(1);
  expect(rows.map(({ model, layers, density }) => [model, layers, density])).toEqual([
    ['learned-b', 2, 0.5],
    ['early-exit', 2, 0.75],
    ['dense', 2, 1],
  ]);
  for (const { trainingTokensPerSecond, decodeSecondsPerToken } of rows) {
    expect(trainingTokensPerSecond).toBeGreaterThan(0);
    expect(decodeSecondsPerToken).toBeGreaterThan(0);
  }
  const [learned, , dense] = rows;
  const { flopsPerToken, denseFlopsPerToken } = finished[0].text;
  expect(learned.trainingFlopsPerToken / flopsPerToken).toBeCloseTo(1, 1);
  expect(learned.decodeFlopsPerToken).toBeLessThan(dense.decodeFlopsPerToken);
  expect(dense.trainingFlopsPerToken).toBeCloseTo(denseFlopsPerToken, 5);
});

test('at its density, also where that fell in the course of training', async () => {
  const folder = freshPath();
  const cell = tinyCell('random');
  const training = { ...cell.config.training, densityFallStart: 0.5, densityFallEnd: 1 };
  const { finished } = await runTiny([{ ...cell, config: { ...cell.config, training } }], folder, {
    keep: 'weights',
  });
  await takeTimings(folder, finished, { ...options, rounds: 1 });
  const [random, dense] = readTimings(folder)!.rows;
  expect(random.trainingFlopsPerToken).toBeLessThan(0.9 * dense.trainingFlopsPerToken);
});

test.each(['', '{}', '{"rows": [null]}', '{"rows": []}'])('a file that holds %j is none', (text) => {
  const folder = freshPath();
  mkdirSync(folder);
  writeFileSync(timingFile(folder), text);
  expect(readTimings(folder)).toBe(null);
  expect(timingsAreMissing(folder, [fakeCell({ model: 'dense', layers: 3 })])).toBe(true);
});

test('a model without weights is not timed, and said so; a dense one needs none', async () => {
  const folder = freshPath();
  const { finished } = await runTiny([tinyCell('learned-b'), tinyCell('dense')], folder);
  expect(await takeTimings(folder, finished, options)).toEqual(['learned-b-0']);
});

test('nothing is written where the signal came first', async () => {
  const folder = freshPath();
  const { finished } = await runTiny([tinyCell('dense')], folder);
  const controller = new AbortController();
  const stop = { ...options, signal: controller.signal, onTurn: () => controller.abort() };
  expect(await takeTimings(folder, finished, stop)).toBe(null);
  expect(existsSync(timingFile(folder))).toBe(false);
});

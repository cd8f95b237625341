import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import {
  beginText,
  finishedText,
  progressText,
  secondsLeft,
  untimedText,
} from '../../src/reproduce/progress.ts';
import { fakeCell } from './fake-cells.ts';

const state = { done: 3, of: 93, running: [], failed: 0, secondsLeft: Number.POSITIVE_INFINITY };

test('a line says how far it is, and what runs', () => {
  expect(progressText(state)).toBe('3/93 cells');
  const running = [
    { name: 'learned-b-6x32-p50-seed0', share: 0.414 },
    { name: 'random-6x32-p50-seed0', share: 0 },
  ];
  expect(progressText({ ...state, running })).toBe(
    '3/93 cells  learned-b-6x32-p50-seed0 41%, random-6x32-p50-seed0 0%',
  );
  expect(progressText({ ...state, running, failed: 1, secondsLeft: 7500 })).toBe(
    '3/93 cells, 1 failed, 2h05m left  learned-b-6x32-p50-seed0 41%, random-6x32-p50-seed0 0%',
  );
  expect(progressText({ ...state, done: 93, secondsLeft: 0 })).toBe('93/93 cells');
});

test('a finished cell is told of with its points above chance', () => {
  const cell = fakeCell({ model: 'dense', layers: 3 });
  const tasks = cell.tasks.slice(0, 2).map((task, i) => ({ ...task, chance: 0.25 * i, score: 0.5 }));
  const text = finishedText({ ...cell, text: { ...cell.text, loss: 1.8124 }, tasks }, 242);
  expect(text).toBe('dense-3x32-seed0  1.812 nats, 3.00 of 3 layers, hop-24 37.5 points above chance, 4m02s');
});

test('a line says what there is to do, another what helps where weights are gone', () => {
  expect(beginText(3, 93)).toBe('3 of 93 cells done, 90 to do');
  expect(untimedText(['a-seed0', 'a-seed1'])).toBe(
    'not timed, for their weights are gone: a-seed0, a-seed1; delete one result of each model and train it again with --keep-runs',
  );
});

test('nothing is foretold before anything was done', () => {
  expect(secondsLeft({ seconds: 5, done: 0, left: 1 })).toBe(Number.POSITIVE_INFINITY);
  expect(secondsLeft({ seconds: 5, done: 0, left: 0 })).toBe(0);
});

const amount = fc.double({ min: 1, max: 1e15, noNaN: true });
property.prop([amount, amount, amount])('at an even speed the end is foretold', (speed, done, left) => {
  expect(secondsLeft({ seconds: done / speed, done, left }) / (left / speed)).toBeCloseTo(1, 9);
});

import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { progressText, secondsLeft } from '../../src/reproduce/progress.ts';

const state = { done: 3, of: 93, running: [], failed: 0, secondsLeft: Number.POSITIVE_INFINITY };

test('a line says how far it is, and what runs', () => {
  expect(progressText(state)).toBe('3/93 cells');
  const running = [
    { name: 'learned-b-6x64-p50-seed0', share: 0.414 },
    { name: 'random-6x64-p50-seed0', share: 0 },
  ];
  expect(progressText({ ...state, running })).toBe(
    '3/93 cells  learned-b-6x64-p50-seed0 41%, random-6x64-p50-seed0 0%',
  );
  expect(progressText({ ...state, running, failed: 1, secondsLeft: 7500 })).toBe(
    '3/93 cells, 1 failed, 2h05m left  learned-b-6x64-p50-seed0 41%, random-6x64-p50-seed0 0%',
  );
  expect(progressText({ ...state, done: 93, secondsLeft: 0 })).toBe('93/93 cells');
});

test('nothing is foretold before anything was done', () => {
  expect(secondsLeft({ seconds: 5, done: 0, left: 1 })).toBe(Number.POSITIVE_INFINITY);
  expect(secondsLeft({ seconds: 5, done: 0, left: 0 })).toBe(0);
});

const amount = fc.double({ min: 1, max: 1e15, noNaN: true });
property.prop([amount, amount, amount])('at an even speed the end is foretold', (speed, done, left) => {
  expect(secondsLeft({ seconds: done / speed, done, left }) / (left / speed)).toBeCloseTo(1, 9);
});

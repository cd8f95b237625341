/** Gathering the active tokens: which rows, where they stand, how many are padding. */
import { describe, expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import type { Device } from '../../src/device/device.ts';
import { arange, fromTypedArray, type Tensor } from '../../src/index.ts';
import { ActiveRows } from '../../src/routing/active-rows.ts';

/** (B, T, 1) bool from rows of 0 and 1. */
function mask(rows: readonly (readonly number[])[], device = cpu): Tensor {
  return fromTypedArray(Uint8Array.from(rows.flat()), [rows.length, rows[0].length, 1], { device });
}

const rows = new ActiveRows(
  mask([
    [0, 1, 1],
    [1, 0, 0],
  ]),
  10,
);

describe('the rows', () => {
  test('are the active tokens in reading order, each with its batch row and position', () => {
    expect(rows.count).toBe(3);
    expect(rows.index.toArray()).toEqual([1, 2, 3]);
    expect(rows.places.positions?.toArray()).toEqual([[11], [12], [10]]);
    expect(rows.places.batch?.toArray()).toEqual([0, 0, 1]);
  });

  test('are gathered as sequences of one token, and put back where they came from', () => {
    const x = arange(12).reshape([2, 3, 2]);
    const gathered = rows.gather(x);
    expect(gathered.toArray()).toEqual([[[2, 3]], [[4, 5]], [[6, 7]]]);
    expect(rows.scatter(x, gathered.neg()).toArray()).toEqual([
      [
        [0, 1],
        [-2, -3],
        [-4, -5],
      ],
      [
        [-6, -7],
        [8, 9],
        [10, 11],
      ],
    ]);
  });
});

describe('padding', () => {
  /** How many rows there are for `active` tokens of `tokens`. */
  const sizes = (tokens: number, active: number): { count: number; size: number } => {
    const row = Array.from({ length: tokens }, (_, t) => Number(t < active));
    const { count, index } = new ActiveRows(mask([row]), 0);
    return { count, size: index.size };
  };

  test.each([
    // A bucket is a 32nd of all tokens, and at least one.
    [8, 3, 3],
    [32, 5, 5],
    [33, 5, 6],
    [64, 5, 6],
    [320, 11, 20],
    [320, 20, 20],
    [320, 320, 320],
    [320, 0, 0],
  ])('of %i tokens, %i active: %i rows', (tokens, active, size) => {
    expect(sizes(tokens, active)).toEqual({ count: active, size });
  });

  test('is counted over the whole batch', () => {
    const half = Array.from({ length: 32 }, (_, t) => Number(t < 1));
    expect(new ActiveRows(mask([half, half, half]), 0).index.size).toBe(3);
    expect(new ActiveRows(mask([half, half, half, [...half].fill(0)]), 0).index.size).toBe(4);
  });

  test('stands nowhere, reads nothing, and is written nowhere', () => {
    const row = Array.from({ length: 64 }, (_, t) => Number(t % 13 === 0)); // 5 of 64, in buckets of 2
    const rows = new ActiveRows(mask([row]), 0);
    expect(rows.index.toArray()).toEqual([0, 13, 26, 39, 52, -1]);
    expect(rows.places.positions?.toArray()).toEqual([[0], [13], [26], [39], [52], [-1]]);
    const x = arange(1, { start: 7 }).expand([1, 64, 1]);
    expect(rows.gather(x).toArray()).toEqual([[[7]], [[7]], [[7]], [[7]], [[7]], [[0]]]);
    expect(rows.scatter(x, rows.gather(x).add(1)).sum().item()).toBe(7 * 64 + 5);
  });
});

test('everything is on the device of the mask', () => {
  const elsewhere = { ...cpu, name: 'elsewhere' };
  const { index, places } = new ActiveRows(mask([[1, 0]], elsewhere), 0);
  for (const x of [index, places.positions, places.batch]) expect(x?.device).toBe(elsewhere);
});

test('uploads nothing before somebody asks where the rows stand', () => {
  let uploads = 0;
  const counting: Device = {
    ...cpu,
    name: 'counting',
    upload: (dtype, data) => {
      uploads++;
      return cpu.upload(dtype, data);
    },
  };
  const active = mask([[1, 0, 1]], counting);
  uploads = 0;
  const rows = new ActiveRows(active, 0);
  expect([rows.count, rows.tokens, uploads]).toEqual([2, [0, 2], 0]);
  expect(rows.index.toArray()).toEqual([0, 2]);
  expect(uploads).toBe(3);
  expect(rows.index).toBe(rows.index);
});

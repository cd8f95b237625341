import { describe, expect, test } from 'vitest';
import { zeros } from '../../src/index.ts';
import { expectClose, f64, i32, slope } from './numbers.ts';

const x = f64([[1, 2, 3], [4, 5, 6]]); // biome-ignore format: one line

describe('values', () => {
  test('gather and scatterAdd along any axis, repeats included', () => {
    expect(x.gather(1, i32([[2, 2], [0, 1]])).toArray()).toEqual([[3, 3], [4, 5]]); // biome-ignore format: one line
    expect(x.gather(0, i32([[1, 0, 1]])).toArray()).toEqual([[4, 2, 6]]);
    const sent = x.scatterAdd(1, i32([[0, 0], [2, 1]]), f64([[10, 20], [30, 40]])); // biome-ignore format: one line
    expect(sent.toArray()).toEqual([[31, 2, 3], [4, 45, 36]]); // biome-ignore format: one line
    expectClose(slope((t) => t.gather(1, i32([[2, 2], [0, 1]])), x), [0, 0, 2, 1, 1, 0]); // biome-ignore format: one line
    expect(
      x.scatterAdd(1, zeros([2, 0], { dtype: 'int32' }), zeros([2, 0], { dtype: 'float64' })).toArray(),
    ).toEqual(x.toArray());
  });

  test('indexSelect, embedding, oneHot', () => {
    expect(x.indexSelect(1, i32([2, 0, 2])).toArray()).toEqual([[3, 1, 3], [6, 4, 6]]); // biome-ignore format: one line
    expect(x.embedding(i32([[1], [0]])).toArray()).toEqual([[[4, 5, 6]], [[1, 2, 3]]]);
    expectClose(
      slope((t) => t.embedding(i32([1, 1])), x),
      [0, 0, 0, 2, 2, 2],
    );
    expect(i32([1, -1, 3]).oneHot(3).toArray()).toEqual([[0, 1, 0], [0, 0, 0], [0, 0, 0]]); // biome-ignore format: one line
    expect(i32(1).oneHot(2, 'bool').dtype).toBe('bool');
  });
});

describe('mistakes are named', () => {
  test('indices outside, of another type or of another shape', () => {
    expect(() => x.gather(1, i32([[3], [0]]))).toThrow(
      'gather: index 3 is outside axis 1 of x (2, 3): indices go from 0 to 2.',
    );
    expect(() => x.gather(1, f64([[0], [0]]))).toThrow(
      "gather: indices (2, 1) must be int32, not float64. Did you mean index.to('int32')?",
    );
    expect(() => x.gather(1, i32([[0]]))).toThrow(
      'gather: index (1, 1) must have the shape of x (2, 3) but for axis 1.',
    );
    expect(() => x.scatterAdd(1, i32([[0], [0]]), f64([[1]]))).toThrow(
      'scatterAdd: source float64 (1, 1) must have the type of x, float64, and the shape of index, (2, 1).',
    );
    expect(() => x.indexSelect(0, i32([2]))).toThrow(
      'indexSelect: index 2 is outside axis 0 of (2, 3): indices go from 0 to 1.',
    );
    expect(() => x.embedding(i32([-1]))).toThrow(
      'embedding: index -1 is outside axis 0 of weight (2, 3): indices go from 0 to 1.',
    );
    expect(() => x.scatterAddRows(i32([0]), 2)).toThrow(
      'scatterAddRows: takes rows (N, D) and index (N) int32, not (2, 3) and int32 (1).',
    );
    expect(() => x.scatterRows(i32([0]), f64([[1, 2, 3]]).to('float32'))).toThrow(
      "scatterRows: takes base (R, D), index (N) int32, rows (N, D) of base's type, " +
        'not float64 (2, 3), int32 (1), float32 (1, 3).',
    );
  });
});

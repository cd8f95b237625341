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

describe('places outside are refused, padding is not', () => {
  test('rows', () => {
    const rows = f64([[1, 2, 3]]);
    expect(x.gatherRows(i32([-1, 1])).toArray()).toEqual([[0, 0, 0], [4, 5, 6]]); // biome-ignore format: one line
    expect(() => x.gatherRows(i32([2]))).toThrow(
      'gatherRows: index 2 is outside axis 0 of x (2, 3): indices go from 0 to 1, negative ones are padding.',
    );
    expect(() => x.scatterRows(i32([5]), rows)).toThrow(
      'scatterRows: index 5 is outside axis 0 of base (2, 3)',
    );
    expect(() => rows.scatterAddRows(i32([2]), 2)).toThrow('scatterAddRows: index 2 is outside the 2 places');
    expect(() => rows.scatterAddRows(i32([0]), 1.5)).toThrow(
      'scatterAddRows: count 1.5 must be a whole number',
    );
  });

  test('placeSlice', () => {
    const two = f64([1, 2]);
    expect(two.placeSlice([4], -1, 1, 2).toArray()).toEqual([0, 1, 0, 2]);
    for (const mistake of [
      () => two.placeSlice([4], 0, -1),
      () => two.placeSlice([4], 0, 3),
      () => two.placeSlice([4], 0, 2, 2),
      () => two.placeSlice([4], 0, 0.5),
      () => two.placeSlice([4], 0, 0, 0),
      () => two.placeSlice([4, 2], 0, 0),
      () => x.placeSlice([4, 2], 0, 0),
    ]) {
      expect(mistake).toThrow('placeSlice: ');
    }
    expect(() => two.placeSlice([2], 0, 1)).toThrow(
      'placeSlice: (2) does not fit into (2) from position 1 of axis 0 in steps of 1: the other axes must agree, and all of it stand inside.',
    );
  });

  test('expand', () => {
    const one = f64([1]);
    for (const shape of [[-2], [2.5], [-1, 1]]) expect(() => one.expand(shape)).toThrow('expand: ');
    expect(() => f64(1).expand([-1])).toThrow(
      'expand: (-1) must be whole numbers from 0 up, or -1 for an axis that x () has.',
    );
  });

  test('attention', () => {
    const q = zeros([1, 1, 2, 1]);
    const attend = (options: object) => () => q.scaledDotProductAttention(q, q, options);
    expect(attend({ batch: i32([1]) })).toThrow(
      'scaledDotProductAttention: index 1 is outside axis 0 of key',
    );
    expect(attend({ batch: i32([-1]) })).toThrow(
      'scaledDotProductAttention: index -1 is outside axis 0 of key',
    );
    expect(attend({ batch: f64([0]) })).toThrow('must be int32, not float64');
    expect(attend({ positions: f64([[0, 1]]) })).toThrow(
      "scaledDotProductAttention: positions (1, 2) must be int32, not float64. Did you mean positions.to('int32')?",
    );
  });
});

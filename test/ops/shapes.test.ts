import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arange,
  cat,
  fromTypedArray,
  full,
  gradcheck,
  ones,
  Random,
  randn,
  split,
  stack,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts';
import { expectClose, f64, flat, i32, slope } from './numbers.ts';

const x = arange(6, { dtype: 'float64' }).reshape([2, 3]);
const column = x.transpose().slice(0, 1, 2); // (1, 2): a strided view holding 1 and 4

describe('joining and cutting', () => {
  test('cat joins along an axis, views and empty tensors too', () => {
    expect(cat([x, column.transpose()], 1).toArray()).toEqual([[0, 1, 2, 1], [3, 4, 5, 4]]); // biome-ignore format: one line
    expect(cat([x, x.slice(0, 0, 0), x.slice(0, 1)]).toArray()).toEqual([[0, 1, 2], [3, 4, 5], [3, 4, 5]]); // biome-ignore format: one line
    expect(cat([i32([1]), i32([2])]).dtype).toBe('int32');
  });

  test('stack puts a new axis anywhere', () => {
    const [a, b] = [f64([1, 2]), f64([3, 4])];
    expect(stack([a, b]).toArray()).toEqual([[1, 2], [3, 4]]); // biome-ignore format: one line
    expect(stack([a, b], -1).toArray()).toEqual([[1, 3], [2, 4]]); // biome-ignore format: one line
    expect(stack([f64(1), f64(2)]).toArray()).toEqual([1, 2]);
  });

  test('what split cuts, cat joins again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (sizes, first) => {
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const y = arange(2 * total).reshape([2, total]);
          const [z, axis] = first ? [y.transpose(), 0] : [y, -1];
          const pieces = split(z, sizes, axis);
          expect(pieces.map((piece) => piece.shape.at(axis))).toEqual(sizes);
          expect(cat(pieces, axis).toArray()).toEqual(z.toArray());
        },
      ),
      { numRuns: 50 },
    );
  });

  test('split by one size leaves a smaller last piece; gradients go back to their pieces', () => {
    expect(split(arange(5), 2).map(flat)).toEqual([[0, 1], [2, 3], [4]]);
    expect(split(arange(4), 2)).toHaveLength(2);
    expect(split(zeros([0]), 2)).toHaveLength(0);
    const weigh = (t: Tensor): Tensor => {
      const [a, b] = split(t, [1, 2], 1);
      return cat([b.mul(2), a.mul(3)], 1);
    };
    expectClose(slope(weigh, x), [3, 2, 2, 3, 2, 2]);
  });

  test('mistakes are named', () => {
    expect(() => cat([])).toThrow('cat: needs at least one tensor.');
    expect(() => cat([x, x.transpose()])).toThrow(
      'cat: tensor 1 is float64 (3, 2), which does not join float64 (2, 3) along axis 0: ' +
        'types and all other axes must agree.',
    );
    expect(() => cat([x, i32([[1, 2, 3]])])).toThrow("Did you mean tensors[1].to('float64')?");
    expect(() => stack([x, column])).toThrow('stack: needs tensors of one shape, not (2, 3) and (1, 2).');
    expect(() => stack([])).toThrow('stack: needs at least one tensor.');
    expect(() => split(x, [1, 1], 1)).toThrow(
      'split: sizes [1, 1] must be whole numbers from 0 up that add up to axis 1 of (2, 3), 3.',
    );
    expect(() => split(x, 0)).toThrow('split: size 0 must be a whole number from 1 up.');
  });
});

describe('indexing', () => {
  test('select and at read positions from either end', () => {
    expect(x.select(1, -1).toArray()).toEqual([2, 5]);
    expect(x.at(1).toArray()).toEqual([3, 4, 5]);
    expect(x.at(1, -2).item()).toBe(4);
    expect(x.at([0], [1, 3]).toArray()).toEqual([[1, 2], [4, 5]]); // biome-ignore format: one line
    expect(x.at([1], 0).toArray()).toEqual([3]);
    expect(x.at().toArray()).toEqual(x.toArray());
  });

  test('mistakes are named', () => {
    expect(() => x.select(0, 2)).toThrow(
      'select: position 2 is outside axis 0 of (2, 3), which has 2 elements.',
    );
    expect(() => x.at(0, 0, 0)).toThrow('at: 3 places are too many for (2, 3), rank 2.');
  });
});

describe('rearranging', () => {
  test('flatten', () => {
    const y = arange(24).reshape([2, 3, 4]);
    expect(y.flatten().shape).toEqual([24]);
    expect(y.flatten(1).shape).toEqual([2, 12]);
    expect(y.flatten(0, -2).shape).toEqual([6, 4]);
    expect(f64(3).flatten().shape).toEqual([1]);
    expect(zeros([2, 0, 3]).flatten(1).shape).toEqual([2, 0]);
    expect(flat(x.transpose().flatten())).toEqual([0, 3, 1, 4, 2, 5]);
    expect(() => x.flatten(1, 0)).toThrow('flatten: axis 1 comes after axis 0 in (2, 3).');
  });

  test('flip', () => {
    expect(x.flip().toArray()).toEqual([[5, 4, 3], [2, 1, 0]]); // biome-ignore format: one line
    expect(x.flip(1).toArray()).toEqual([[2, 1, 0], [5, 4, 3]]); // biome-ignore format: one line
    expect(f64(3).flip().item()).toBe(3);
    expect(zeros([0, 2]).flip(0).shape).toEqual([0, 2]);
    expect(tensor([true, false]).flip().dtype).toBe('bool');
  });

  test('pad', () => {
    expect(f64([[1, 2]]).pad([[0, 1], [2, 0]], 9).toArray()).toEqual([[9, 9, 1, 2], [9, 9, 9, 9]]); // biome-ignore format: one line
    expect(f64(1).pad([]).item()).toBe(1);
    expect(
      zeros([0])
        .pad([[1, 1]], 3)
        .toArray(),
    ).toEqual([3, 3]);
    expect(i32([1]).pad([[0, 1]]).dtype).toBe('int32');
    expect(() => x.pad([[1, 0]])).toThrow(
      'pad: [[1,0]] must be [before, after] in whole numbers from 0 up for each of the 2 axes of (2, 3).',
    );
  });

  test('tril and triu keep one side of a diagonal, NaN or not', () => {
    const y = f64([[1, Number.NaN], [3, 4], [5, 6]]); // biome-ignore format: one line
    expect(y.tril().toArray()).toEqual([[1, 0], [3, 4], [5, 6]]); // biome-ignore format: one line
    expect(y.tril(-1).toArray()).toEqual([[0, 0], [3, 0], [5, 6]]); // biome-ignore format: one line
    expect(y.triu(1).toArray()).toEqual([[0, Number.NaN], [0, 0], [0, 0]]); // biome-ignore format: one line
    expect(i32([[1, 2]]).triu().dtype).toBe('int32');
    expect(() => f64([1]).tril()).toThrow('tril: takes matrices (…, M, N), not (1).');
  });

  test('repeat', () => {
    expect(f64([1, 2]).repeat([2]).toArray()).toEqual([1, 2, 1, 2]);
    expect(f64([1, 2]).repeat([2, 2]).toArray()).toEqual([[1, 2, 1, 2], [1, 2, 1, 2]]); // biome-ignore format: one line
    expect(x.repeat([0, 1]).shape).toEqual([0, 3]);
    expect(() => x.repeat([2])).toThrow(
      'repeat: [2] must be whole numbers from 0 up, one for each axis of (2, 3).',
    );
  });
});

test('views of views are right to the second order', () => {
  const f = (t: Tensor): Tensor =>
    cat([t.flip(0).tril(), t.repeat([1, 2]).slice(1, 1, 3)]).pad([[1, 0], [0, 1]]).cumsum(0); // biome-ignore format: one line
  expect(gradcheck((t) => f(t).square(), [x.transpose()], { order: 2 }).message).toContain('right');
});

test('a shape that was handed over stays what it was when its list changes', () => {
  const list = [2, 3];
  const made = [
    zeros(list),
    full(list, 1),
    randn(list, new Random(1)),
    fromTypedArray(new Float32Array(6), list),
    ones([6]).reshape(list),
    ones([3]).expand(list),
    ones([1, 3]).placeSlice(list, 0, 1),
  ];
  list[0] = 7;
  for (const x of made) expect(x.shape).toEqual([2, 3]);
});

test('matmul of vectors takes the types that matmul of matrices takes', () => {
  const message = 'matmul: takes tensors that are all float32 or all float64, not';
  expect(() => i32([1, 2]).matmul(i32([3, 4]))).toThrow(message);
  expect(() => f64([1, 2]).matmul(ones([2]))).toThrow(message);
});

test('nothing can be placed anywhere, the end included, and sent nowhere', () => {
  expect(zeros([2, 0]).placeSlice([2, 3], 1, 3).toArray()).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(i32([0]).oneHot(0).shape).toEqual([1, 0]);
  expect(ones([2, 3]).scatterAddRows(i32([-1, -1]), 0).shape).toEqual([0, 3]);
});

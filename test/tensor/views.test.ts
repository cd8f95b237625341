/**
 * Views against their definition: whatever chain of permute, slice, expand, reshape and the rest is applied, the result
 * is the function of indices that mathematics says, and where it can be, it is the same memory seen differently.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arange, type Tensor, tensor } from '../../src/index.ts';
import { indicesOf, type Naive, naive, nestedOf, valuesOf } from './nested.ts';

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

/** One step on a tensor and on its definition; `copies` where the step may have to move numbers. */
interface Step {
  readonly text: string;
  readonly onTensor: (x: Tensor) => Tensor;
  readonly onNaive: (x: Naive) => Naive;
  readonly copies?: boolean;
}

/** A random step that fits tensors of this shape, from three random numbers. */
function stepFor(shape: readonly number[], kind: number, a: number, b: number): Step {
  const rank = shape.length;
  const axis = rank === 0 ? 0 : a % rank;
  const other = rank === 0 ? 0 : b % rank;
  const signed = b % 2 === 0 ? axis : axis - rank;
  switch (rank === 0 ? 5 + (kind % 2) : kind % 9) {
    case 0: {
      const order = shape.map((_, i) => (i + axis) % rank);
      return {
        text: `permute([${order}])`,
        onTensor: (x) => x.permute(order),
        onNaive: ({ at }) => ({
          shape: order.map((from) => shape[from]),
          at: (index) => at(order.map((_, from) => index[order.indexOf(from)])),
        }),
      };
    }
    case 1: {
      const swapped = shape.map((_, i) => (i === axis ? other : i === other ? axis : i));
      return {
        text: `transpose(${signed}, ${other})`,
        onTensor: (x) => x.transpose(signed, other),
        onNaive: ({ at }) => ({
          shape: swapped.map((from) => shape[from]),
          at: (index) => at(swapped.map((from) => index[from])),
        }),
      };
    }
    case 2: {
      const start = Math.min(b % 3, shape[axis]);
      const step = 1 + (a % 2);
      const end = Math.max(start, shape[axis] - (b % 2));
      return {
        text: `slice(${signed}, ${start}, ${end}, ${step})`,
        onTensor: (x) => x.slice(signed, start, end, step),
        onNaive: ({ at }) => ({
          shape: shape.with(axis, Math.ceil((end - start) / step)),
          at: (index) => at(index.with(axis, start + index[axis] * step)),
        }),
      };
    }
    case 3: {
      const size = shape.reduce((product, extent) => product * extent, 1);
      const target = [size, 1];
      return {
        text: `reshape([${target}])`,
        onTensor: (x) => x.reshape(target),
        onNaive: (x) => naive(target, valuesOf(x)),
        copies: true,
      };
    }
    case 4: {
      const backwards = shape.toReversed();
      return {
        text: `reshape([${backwards}])`,
        onTensor: (x) => x.reshape(backwards),
        onNaive: (x) => naive(backwards, valuesOf(x)),
        copies: true,
      };
    }
    case 5: {
      const target = [b % 3, ...shape.map((extent) => (extent === 1 ? 1 + (a % 3) : extent))];
      return {
        text: `expand([${target}])`,
        onTensor: (x) => x.expand(target),
        onNaive: ({ at }) => ({
          shape: target,
          at: (index) => at(index.slice(1).map((i, from) => (shape[from] === 1 ? 0 : i))),
        }),
      };
    }
    case 6: {
      const place = a % (rank + 1);
      return {
        text: `unsqueeze(${place})`,
        onTensor: (x) => x.unsqueeze(place),
        onNaive: ({ at }) => ({
          shape: shape.toSpliced(place, 0, 1),
          at: (index) => at(index.toSpliced(place, 1)),
        }),
      };
    }
    case 7:
      return {
        text: 'squeeze()',
        onTensor: (x) => x.squeeze(),
        onNaive: ({ at }) => {
          const kept = shape.flatMap((extent, i) => (extent === 1 ? [] : [i]));
          return {
            shape: kept.map((i) => shape[i]),
            at: (index) => at(shape.map((_, i) => (kept.includes(i) ? index[kept.indexOf(i)] : 0))),
          };
        },
      };
    default:
      return { text: 'contiguous()', onTensor: (x) => x.contiguous(), onNaive: (x) => x, copies: true };
  }
}

const draws = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
  steps: fc.array(fc.tuple(small(8), small(11), small(11)), { minLength: 1, maxLength: 5 }),
});

test('any chain of views is the function of indices that its definition says', () => {
  fc.assert(
    fc.property(draws, ({ shape, steps }) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      let x = arange(size).reshape(shape);
      let definition = naive(shape, [...Array(size).keys()]);
      const path = [`arange(${size}).reshape([${shape}])`];
      for (const [kind, a, b] of steps) {
        const step = stepFor(definition.shape, kind, a, b);
        const from = x;
        x = step.onTensor(from);
        definition = step.onNaive(definition);
        path.push(step.text);
        expect(x.shape, path.join('.')).toEqual(definition.shape);
        expect(x.toArray(), path.join('.')).toEqual(nestedOf(definition));
        if (!step.copies || from.isContiguous) expect(x.storage === from.storage, path.join('.')).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('what is written under a view shows through it, and copies keep what they had', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const views = [x.transpose(), x.slice(1, 1, 3), x.expand([2, 2, 3]), x.reshape([6]), x.unsqueeze(0)];
  const copies = [x.transpose().reshape([6]), x.slice(1, 1, 3).contiguous(), x.transpose().contiguous()];
  const before = copies.map((copy) => copy.toArray());
  expect(views.every((view) => view.storage === x.storage)).toBe(true);
  expect(copies.every((copy) => copy.storage !== x.storage)).toBe(true);
  x.assign(
    tensor([
      [10, 20, 30],
      [40, 50, 60],
    ]),
  );
  expect(views.map((view) => view.toArray())).toEqual([
    [
      [10, 40],
      [20, 50],
      [30, 60],
    ],
    [
      [20, 30],
      [50, 60],
    ],
    [
      [
        [10, 20, 30],
        [40, 50, 60],
      ],
      [
        [10, 20, 30],
        [40, 50, 60],
      ],
    ],
    [10, 20, 30, 40, 50, 60],
    [
      [
        [10, 20, 30],
        [40, 50, 60],
      ],
    ],
  ]);
  expect(copies.map((copy) => copy.toArray())).toEqual(before);
});

describe('reshape copies only where it must', () => {
  const x = arange(24).reshape([4, 6]);

  test.each<[string, Tensor, number[]]>([
    ['cutting an axis of a transposed tensor', x.transpose(), [2, 3, 4]],
    ['cutting an axis of a slice', x.slice(1, 0, 4), [4, 2, 2]],
    ['joining axes that lie behind one another', x.reshape([2, 2, 6]).slice(2, 1, 3), [4, 2]],
    ['joining stretched axes', x.slice(0, 0, 1).expand([5, 1, 6]).expand([3, 5, 1, 6]), [15, 6]],
  ])('%s is a view', (_, from, shape) => {
    const view = from.reshape(shape);
    expect(view.storage).toBe(from.storage);
    expect(view.toTypedArray()).toEqual(from.toTypedArray());
  });

  test.each<[string, Tensor, number[]]>([
    ['joining axes in exchanged order', x.transpose(), [24]],
    ['joining rows with gaps between them', x.slice(1, 0, 4), [16]],
    ['a cut across rows with gaps between them', x.slice(1, 0, 3), [2, 6]],
  ])('%s is a copy', (_, from, shape) => {
    const copy = from.reshape(shape);
    expect(copy.storage).not.toBe(from.storage);
    expect(copy.toTypedArray()).toEqual(from.toTypedArray());
  });
});

describe('a tensor knows its memory', () => {
  test('strides and offsets count elements', () => {
    const x = arange(24).reshape([2, 3, 4]);
    expect(x.strides).toEqual([12, 4, 1]);
    expect(x.permute([2, 0, 1]).strides).toEqual([1, 12, 4]);
    const part = x.slice(2, 1, 4, 2);
    expect([part.shape, part.strides, part.offset]).toEqual([[2, 3, 2], [12, 4, 2], 1]);
    expect(x.slice(0, 1, 2).expand([5, 3, 4]).strides).toEqual([0, 4, 1]);
  });

  test('an axis of size 1 does not make a tensor discontiguous, and an empty tensor is contiguous', () => {
    expect(arange(6).reshape([1, 6]).transpose().isContiguous).toBe(true);
    expect(arange(6).reshape([2, 3]).transpose().isContiguous).toBe(false);
    expect(arange(6).reshape([2, 3]).slice(0, 2).isContiguous).toBe(true);
    expect(arange(6).slice(0, 1).isContiguous).toBe(true);
    expect(arange(6).slice(0, 1).isWhole).toBe(false);
  });

  test('rank, size and shape of scalars and of empty tensors', () => {
    const scalar = tensor(3);
    expect([scalar.rank, scalar.size, scalar.shape]).toEqual([0, 1, []]);
    const empty = arange(0).reshape([0, 3]);
    expect([empty.rank, empty.size, empty.toArray()]).toEqual([2, 0, []]);
    expect(indicesOf([0, 3])).toEqual([]);
  });
});

/** The generator behind the properties keeps what it promises, and reaches the corners it is there to reach. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/index.ts';
import { broadcastShapes } from '../../src/tensor/shape.ts';
import { numbersOf } from './derivatives.ts';
import { Drawing } from './draw.ts';
import { drawGraph } from './graphs.ts';
import { differentiable } from './op-list.ts';

const sample = <T>(draw: (drawing: Drawing) => T): T[] => {
  const results: T[] = [];
  fc.assert(
    fc.property(fc.gen(), (g) => {
      results.push(draw(new Drawing(g)));
    }),
    { numRuns: 500, seed: 3 },
  );
  return results;
};

describe('Draw promises', () => {
  test('values inside their range, away from points to avoid, apart where they must be', () => {
    sample((draw) => {
      const range = { min: -1, max: 1.5, avoid: [0, 1], distinct: draw.boolean() };
      const shape = draw.shape({ maxRank: 2 });
      const x = draw.tensor(shape, range);
      const values = numbersOf(x);
      expect([x.shape, x.dtype]).toEqual([shape, 'float64']);
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual(-1);
        expect(value).toBeLessThanOrEqual(1.5);
        for (const point of range.avoid) expect(Math.abs(value - point)).toBeGreaterThanOrEqual(0.05);
      }
      const sorted = values.toSorted((a, b) => a - b);
      if (range.distinct) {
        for (let i = 1; i < sorted.length; i++)
          expect(sorted[i] - sorted[i - 1]).toBeGreaterThanOrEqual(0.05);
      }
    });
  });

  test('shapes within their bounds; what broadcasts with one shape broadcasts with all of them', () => {
    sample((draw) => {
      const shape = draw.shape({ minRank: 1, maxRank: 3, minExtent: 1, maxExtent: 3 });
      expect(shape.length >= 1 && shape.length <= 3 && shape.every((n) => n >= 1 && n <= 3)).toBe(true);
      const others = [draw.broadcastable(shape), draw.broadcastable(shape)];
      expect(broadcastShapes('test', [shape, ...others]).slice(-shape.length)).toEqual(shape);
    });
  });

  test('axes, permutations, indices and masks that fit', () => {
    sample((draw) => {
      const axes = draw.axes(3)?.map((axis) => (axis + 3) % 3) ?? [];
      expect(new Set(axes).size).toBe(axes.length);
      expect(draw.permutation(4).toSorted()).toEqual([0, 1, 2, 3]);
      expect(numbersOf(draw.order(4)).toSorted()).toEqual([0, 1, 2, 3]);
      const index = draw.indices([2, 3], 4);
      expect([index.dtype, index.shape, numbersOf(index).every((i) => i >= 0 && i < 4)]).toEqual([
        'int32',
        [2, 3],
        true,
      ]);
      expect([draw.mask([2]).dtype, draw.mask([2]).shape]).toEqual(['bool', [2]]);
    });
  });

  test('a tensor that is the view of its leaf which it says it is', () => {
    sample((draw) => {
      const x = draw.tensor(draw.shape());
      const { leaf, layout } = draw.drawn.get(x) ?? {};
      expect(leaf?.isContiguous).toBe(true);
      expect(layout?.view(leaf as Tensor).toArray()).toEqual(x.toArray());
    });
  });
});

test('Draw reaches every rank, every layout, empty tensors, and axes of size 1', () => {
  const seen = sample((draw) => {
    const x = draw.tensor(draw.shape());
    return { x, kind: draw.drawn.get(x)?.layout.kind };
  });
  const share = (holds: (one: (typeof seen)[number]) => boolean): number =>
    seen.filter(holds).length / seen.length;
  for (const kind of ['contiguous', 'pending', 'selected', 'sliced', 'transposed', 'expanded']) {
    expect(
      share((one) => one.kind === kind),
      kind,
    ).toBeGreaterThan(0.05);
  }
  for (const rank of [0, 1, 2, 3, 4])
    expect(
      share(({ x }) => x.rank === rank),
      `rank ${rank}`,
    ).toBeGreaterThan(0.1);
  expect(share(({ x }) => x.size === 0)).toBeGreaterThan(0.02);
  expect(share(({ x }) => x.size === 0)).toBeLessThan(0.2);
  expect(share(({ x }) => x.shape.includes(1))).toBeGreaterThan(0.2);
  expect(share(({ x }) => !x.isContiguous)).toBeGreaterThan(0.2);
  expect(
    share(({ x }) => x.strides.some((stride, axis) => stride === 0 && x.shape[axis] > 1)),
  ).toBeGreaterThan(0.05);
});

test('the graphs reach every op, depth 8, and values that are used twice', () => {
  const graphs = fc
    .sample(fc.gen(), { numRuns: 600, seed: 4 })
    .map((g) => drawGraph(g, differentiable, { maxCalls: 14 }));
  const names = new Set(graphs.flatMap((graph) => graph.names));
  expect(differentiable.map(([name]) => name).filter((name) => !names.has(name))).toEqual([]);
  expect(Math.max(...graphs.map(({ depth }) => depth))).toBe(8);
  expect(graphs.filter(({ code }) => /adapt\((x\d+),.*adapt\(\1,/s.test(code)).length).toBeGreaterThan(100);
});

/** The SIMD matrix product against the reference, around the edges of tiles, panels and parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simdMatmul } from '../../kernels/matmul/simd.ts';
import { emitMatmulRoutines, tileOf } from '../../kernels/matmul/simd-routines.ts';
import type { HostView } from '../../kernels/strides.ts';
import { watch } from './machines.ts';
import { elementAt, indices, layouts, resultOf, viewOf } from './views.ts';

/**
 * |result − exact| ≤ (k + 1) · 2⁻²⁴ · Σ |a b|: k products and k sums (the bias one more), each rounded once; to first
 * order, so with a hundredth on top. Below the normal numbers a rounding is half the smallest number, 2⁻¹⁵⁰.
 */
function slackOf(a: HostView, b: HostView, bias: HostView | null, out: HostView): Float64Array {
  const k = a.shape[a.shape.length - 1];
  return Float64Array.from(indices(out.shape), (index) => {
    const batch = index.slice(0, -2);
    const [row, column] = index.slice(-2);
    let magnitude = bias ? Math.abs(elementAt(bias, [column])) : 0;
    for (let i = 0; i < k; i++) {
      magnitude += Math.abs(elementAt(a, [...batch, row, i]) * elementAt(b, [...batch, i, column]));
    }
    return (k + 1) * 1.01 * (2 ** -24 * magnitude + 2 ** -149);
  });
}

const edges = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(15, 16, 17, 31, 32, 33, 64, 65));
const plain = {
  order: [4, 3, 2, 1, 0],
  gaps: [1, 1, 1, 1, 1],
  stretched: [false, false, false, false, false],
};
/** Rows in one piece, columns in one piece (a transposed matrix), or anything. */
const forms = fc.oneof(
  fc.nat().map((seed) => ({ ...plain, offset: 0, seed })),
  fc.nat().map((seed) => ({ ...plain, order: [4, 3, 2, 0, 1], offset: 3, seed })),
  fc.nat().map((seed) => ({ ...plain, order: [3, 4, 2, 1, 0], offset: 1, seed })),
  layouts,
);

describe.each([
  ['narrow', { wide: false, madd: false }],
  ['wide', { wide: true, madd: false }],
])('matmul with %s tiles', (_, mode) => {
  const { expectParity } = watch(simdMatmul, mode);

  test('is within k roundings of the exact product, for any strides, batches and edges', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        edges,
        edges,
        edges,
        forms,
        forms,
        fc.option(fc.nat()),
        (batch, m, k, n, la, lb, biasSeed) => {
          const [a, b] = [viewOf([...batch, m, k], la, 'float32'), viewOf([...batch, k, n], lb, 'float32')];
          const bias =
            biasSeed === null ? null : viewOf([n], { ...plain, offset: 2, seed: biasSeed }, 'float32');
          const out = resultOf([...batch, m, n], 'float32');
          const slack = slackOf(a, b, bias, out);
          expectParity('matmul', [a, b, bias, out], { slack: (_, place) => slack[place] });
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([
    ['many parts', 700, 96, 65, [4, 3, 2, 1, 0]],
    ['far steps of a transposed A, in more than one block', 600, 150, 40, [3, 4, 2, 0, 1]],
    ['a long k', 9, 3000, 17, [4, 3, 2, 1, 0]],
  ])('%s', (_, m, k, n, order) => {
    const a = viewOf([m, k], { ...plain, order, offset: 0, seed: 1 }, 'float32');
    const b = viewOf([k, n], { ...plain, offset: 0, seed: 2 }, 'float32');
    const out = resultOf([m, n], 'float32');
    const slack = slackOf(a, b, null, out);
    expectParity('matmul', [a, b, null, out], { slack: (_, place) => slack[place] });
  });

  test('NaN and infinities stay in their rows and columns', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-40, 3e38];
    fc.assert(
      fc.property(edges, edges, edges, fc.constantFrom(...values), fc.nat(), (m, k, n, odd, at) => {
        const a = viewOf([m, k], { ...plain, offset: 0, seed: 3 }, 'float32');
        const b = viewOf([k, n], { ...plain, offset: 0, seed: 4 }, 'float32');
        a.buffer[at % (m * k)] = odd;
        const out = resultOf([m, n], 'float32');
        const slack = slackOf(a, b, null, out);
        expectParity('matmul', [a, b, null, out], { slack: (_, place) => slack[place] });
      }),
      { numRuns: 60 },
    );
  });

  test('a row has the same bits whatever rows stand around it', () => {
    const [k, n] = [70, 37];
    const b = viewOf([k, n], { ...plain, order: [4, 3, 2, 0, 1], offset: 0, seed: 5 }, 'float32');
    const all = viewOf([40, k], { ...plain, offset: 0, seed: 6 }, 'float32');
    const whole = resultOf([40, n], 'float32');
    const slack = (): number => 1;
    const [expected] = expectParity('matmul', [all, b, null, whole], { slack });
    for (const [first, count] of [
      [0, 1],
      [7, 2],
      [11, 3],
      [20, 4],
      [33, 5],
      [39, 1],
    ]) {
      const rows = { ...all, shape: [count, k], offset: first * k };
      const [got] = expectParity('matmul', [rows, b, null, resultOf([count, n], 'float32')], { slack });
      expect([...got]).toEqual([...expected.slice(first * n, (first + count) * n)]);
    }
  });
});

test('the tile fits the registers of every machine', () => {
  for (const wide of [false, true]) {
    for (const madd of [false, true]) {
      const { rows, vectors } = tileOf({ shared: false, wide, madd });
      const columns = wide ? vectors / 2 : vectors;
      expect(rows * columns + columns + 1 + Number(!madd)).toBeLessThanOrEqual(15);
    }
  }
  expect(emitMatmulRoutines).toBeDefined();
});

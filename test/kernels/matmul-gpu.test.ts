/** Matrix products on the GPU against the reference: layouts, batches, edges of tiles, texels and blocks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { onGpu } from './gpu-parity.ts';
import { elementAt, indices, type Layout, resultOf, viewOf } from './views.ts';

/** |result − exact| ≤ (min(K / 4, 64) + K / 256 + 8) · 2⁻²⁴ · (Σ |a b| + |bias|); numbers below 2⁻¹²⁶ may become 0. */
function slackOf(a: HostView, b: HostView, bias: HostView | null, out: HostView): Float64Array {
  const k = a.shape[a.shape.length - 1];
  const roundings = Math.min(k / 4, 64) + k / 256 + 8;
  return Float64Array.from(indices(out.shape), (index) => {
    const batch = index.slice(0, -2);
    const [row, column] = index.slice(-2);
    let magnitude = bias ? Math.abs(elementAt(bias, [column])) : 0;
    for (let i = 0; i < k; i++) {
      magnitude += Math.abs(elementAt(a, [...batch, row, i]) * elementAt(b, [...batch, i, column]));
    }
    return roundings * 2 ** -24 * magnitude + (k + 1) * 2 ** -126;
  });
}

const plain: Layout = {
  order: [4, 3, 2, 1, 0],
  gaps: [1, 1, 1, 1, 1],
  stretched: [false, false, false, false, false],
  offset: 0,
  seed: 0,
};
const turned: Layout = { ...plain, order: [4, 3, 2, 0, 1] };
/** Layouts of matrices: what is read as it lies, and what is packed. */
const matrices: readonly Layout[] = [
  plain,
  turned,
  { ...plain, offset: 64 },
  { ...turned, offset: 3 },
  { ...plain, gaps: [3, 2, 1, 1, 1], offset: 1 },
  { ...plain, stretched: [true, false, false, false, false] },
  { ...plain, stretched: [false, true, false, false, false] },
];
/** The same for a batch with two axes before those of the matrix. */
const batches: readonly Layout[] = [
  plain,
  { ...plain, order: [4, 2, 3, 1, 0] },
  { ...plain, order: [3, 1, 2, 0, 4], offset: 4 },
  { ...plain, stretched: [true, true, false, false, false] },
  { ...plain, stretched: [false, true, false, false, false] },
];
const biases: readonly (Layout | null)[] = [
  null,
  { ...plain, offset: 4 },
  { ...plain, offset: 2 },
  { ...plain, gaps: [2, 1, 1, 1, 1] },
  { ...plain, stretched: [true, false, false, false, false] },
];
const extents = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 12, 16, 31, 64, 65);
const depths = fc.oneof(extents, fc.constantFrom(20, 96, 128, 192, 255, 256, 257, 320));

/** Random numbers with sizes of 2⁻²⁰ to 2²⁰. */
function drawn(shape: readonly number[], layout: Layout, seed: number): HostView {
  const view = viewOf(shape, { ...layout, seed }, 'float32');
  const random = new Random(seed + 1);
  for (let i = 0; i < view.buffer.length; i++) view.buffer[i] *= 2 ** (40 * random.uniform() - 20);
  return view;
}

onGpu('matmul', (gpu) => {
  function expectProduct(a: HostView, b: HostView, bias: HostView | null = null): void {
    const out = resultOf([...a.shape.slice(0, -1), b.shape[b.shape.length - 1]], 'float32');
    const slack = slackOf(a, b, bias, out);
    gpu.expectParity('matmul', [a, b, bias, out], { slack: (_, place) => slack[place] });
  }

  test('of matrices of any extents, however they lie', () => {
    fc.assert(
      fc.property(
        fc.tuple(extents, depths, extents),
        fc.constantFrom(...matrices),
        fc.constantFrom(...matrices),
        fc.constantFrom(...biases),
        fc.nat(),
        ([m, k, n], la, lb, lBias, seed) => {
          const bias = lBias && drawn([n], lBias, seed + 2);
          expectProduct(drawn([m, k], la, seed), drawn([k, n], lb, seed + 1), bias);
        },
      ),
      { numRuns: 100 },
    );
  });

  test.each([
    ['in one piece', [4], 5, 8, 6],
    ['of two axes', [3, 2], 4, 16, 8],
    ['of single numbers', [2, 3], 1, 1, 1],
    ['of odd extents', [2, 3], 3, 5, 7],
  ])('of batches %s', (_, batch, m, k, n) => {
    fc.assert(
      fc.property(fc.constantFrom(...batches), fc.constantFrom(...batches), fc.nat(), (la, lb, seed) => {
        expectProduct(drawn([...batch, m, k], la, seed), drawn([...batch, k, n], lb, seed + 1));
      }),
      { numRuns: 10 },
    );
  });

  test.each([
    [1000, plain, plain],
    [4097, plain, turned],
    [8192, plain, turned],
    [20_000, turned, plain],
  ])('of lines as long as %d, whose sums only grow', (k, la, lb) => {
    const [a, b] = [viewOf([3, k], la, 'float32'), viewOf([k, 5], lb, 'float32')];
    // Of equal numbers, all are rounded alike: errors do not cancel.
    a.buffer.fill(1 / 3);
    b.buffer.fill(1 / 7);
    expectProduct(a, b);
  });

  test('of lines that reach over the end of a row of their texture', () => {
    const [a, b] = [
      drawn([20, 256], { ...plain, offset: 64 }, 1),
      drawn([256, 20], { ...turned, offset: 64 }, 2),
    ];
    expectProduct(a, b);
  });

  test('of nothing is 0, and the bias', () => {
    const [a, b] = [viewOf([3, 0], plain, 'float32'), viewOf([0, 5], plain, 'float32')];
    expectProduct(a, b);
    expectProduct(a, b, viewOf([5], plain, 'float32'));
  });

  test('keeps NaN and infinities to their rows and columns', () => {
    const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    fc.assert(
      fc.property(
        fc.tuple(extents, extents, extents),
        fc.constantFrom(plain, turned),
        fc.boolean(),
        odd,
        fc.nat(),
        ([m, k, n], layout, inA, value, seed) => {
          const [a, b] = [viewOf([m, k], layout, 'float32'), viewOf([k, n], layout, 'float32')];
          const { buffer } = inA ? a : b;
          buffer[seed % buffer.length] = value;
          expectProduct(a, b);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('compiles nothing for other counts of rows', () => {
    const products = (rows: number): void => {
      expectProduct(drawn([rows, 16], plain, 1), drawn([16, 6], turned, 2), drawn([6], plain, 3));
      expectProduct(drawn([rows, 6], plain, 1), drawn([6, 16], plain, 2));
      expectProduct(drawn([6, rows], turned, 1), drawn([rows, 16], plain, 2));
    };
    products(2100);
    const { compiled } = gpu.machine.counters;
    for (const rows of [2101, 2500]) products(rows);
    expect(gpu.machine.counters.compiled).toBe(compiled);
  });

  test('of one buffer with itself', () => {
    const x = viewOf([8, 8], plain, 'float32');
    expectProduct(x, x);
  });
});

/** Softmax and cross-entropy where naive formulas overflow. */
import { describe, expect, test } from 'vitest';
import { crossEntropyBackward } from '../../kernels/cross-entropy/reference.ts';
import { contiguousStrides } from '../../kernels/strides.ts';
import { type Tensor, tensor } from '../../src/index.ts';

const { POSITIVE_INFINITY: inf } = Number;
const rows = (values: number[][], dtype: 'float32' | 'float64' = 'float32'): Tensor =>
  tensor(values, { dtype });

describe('softmax', () => {
  test.each([1e4, -1e4, 3e38, -3e38])('of scores around %f is that of their differences', (shift) => {
    const y = rows([[shift, shift, -inf]]).softmax(-1);
    expect(y.toArray()).toEqual([[0.5, 0.5, 0]]);
    const log = rows([[shift, shift]])
      .logSoftmax(-1)
      .toArray() as number[][];
    expect(log[0][0]).toBeCloseTo(-Math.LN2, 7);
  });

  test('of scores ±10⁴ apart is one-hot, and its logarithm keeps what softmax rounds to 0', () => {
    const x = rows([[1e4, 0, -1e4]]);
    expect(x.softmax(-1).toArray()).toEqual([[1, 0, 0]]);
    expect(x.logSoftmax(-1).toArray()).toEqual([[0, -1e4, -2e4]]);
  });

  test('sums to 1, also over a long row', () => {
    const x = tensor(Float32Array.from({ length: 50_000 }, (_, i) => Math.sin(i) * 20));
    expect(x.softmax().to('float64').sum().item()).toBeCloseTo(1, 6);
  });

  test('of −∞ alone is NaN, as in PyTorch; +∞ too', () => {
    expect(
      rows([[-inf, -inf]])
        .softmax(-1)
        .toArray(),
    ).toEqual([[Number.NaN, Number.NaN]]);
    expect(
      (
        rows([[inf, 0]])
          .softmax(-1)
          .toArray() as number[][]
      )[0][0],
    ).toBeNaN();
  });

  test('has finite gradients at ±10⁴', () => {
    const x = tensor([[1e4, 0, -1e4]], { requiresGrad: true });
    x.logSoftmax(-1).sum().backward();
    expect(x.grad?.toArray()).toEqual([[-2, 1, 1]]);
  });
});

describe('crossEntropy', () => {
  const targets = tensor([0, 1], { dtype: 'int32' });

  test('of scores ±10⁴ is the distance to the best score', () => {
    const loss = rows([
      [1e4, -1e4],
      [1e4, -1e4],
    ]).crossEntropy(targets);
    expect(loss.item()).toBe(1e4);
  });

  test('of even scores is the logarithm of their number', () => {
    expect(
      rows([
        [7, 7, 7, 7],
        [-9, -9, -9, -9],
      ])
        .crossEntropy(targets)
        .item(),
    ).toBeCloseTo(Math.log(4), 6);
  });

  test('has a gradient that sums to 0 in every row: probability moves, it is not made', () => {
    for (const scale of [1, 10, 100]) {
      const values = [
        [1, 2, 3, -1],
        [0.5, -2, 1, 1],
      ].map((row) => row.map((value) => value * scale));
      const x = tensor(values, { requiresGrad: true });
      x.crossEntropy(targets).backward();
      for (const sum of x.grad?.to('float64').sum(-1).toTypedArray() ?? [])
        expect(Math.abs(sum)).toBeLessThan(1e-5);
    }
  });

  test('with all rows ignored is NaN, and its gradient 0', () => {
    const x = tensor([[1, 2]], { requiresGrad: true });
    const loss = x.crossEntropy(tensor([-100], { dtype: 'int32' }));
    loss.backward();
    expect(loss.item()).toBeNaN();
    expect(x.grad?.toArray()).toEqual([[0, 0]]);
  });
});

test('the gradient of cross-entropy is written whole, ignored rows too, and nothing beyond it', () => {
  const view = (buffer: Float32Array | Int32Array, shape: number[]) => ({
    buffer,
    dtype: buffer instanceof Int32Array ? ('int32' as const) : ('float32' as const),
    shape,
    strides: contiguousStrides(shape),
    offset: 0,
  });
  const out = new Float32Array(8).fill(Number.NaN);
  crossEntropyBackward(
    view(Float32Array.of(2), []),
    view(Float32Array.of(0, 0, 5, 6, 1, 1), [3, 2]),
    view(Int32Array.of(1, -100, 0), [3]),
    -100,
    view(out, [3, 2]),
  );
  expect([...out]).toEqual([0.5, -0.5, 0, 0, -0.5, 0.5, Number.NaN, Number.NaN]);
});

/**
 * A fused op is one kernel in place of many ops. It has to be the same function: here each is written out from simple
 * ops, as in a textbook, and compared in value, in gradient (the kernel's own backward) and in second gradient.
 */
import { describe, expect, test } from 'vitest';
import {
  crossEntropy,
  gradients,
  layerNorm,
  logSoftmax,
  Random,
  randn,
  scaledDotProductAttention,
  softmax,
  type Tensor,
  tensor,
} from '../../src/index.ts';
import type { AttentionOptions } from '../../src/ops/scaled-dot-product-attention.ts';
import { largest, leafOf, normalLike, numbersOf, type TensorFunction } from './derivatives.ts';
import { type AnyOp, drawCase } from './op-case.ts';
import { holds } from './runs.ts';

/** The fused ops by their textbook definitions, on contiguous arguments. */
const textbook: [op: AnyOp, written: (...args: never[]) => Tensor][] = [
  [
    softmax,
    (x: Tensor, axis = -1) => {
      const powers = x.exp();
      return powers.div(powers.sum(axis, { keepDim: true }));
    },
  ],
  [logSoftmax, (x: Tensor, axis = -1) => x.sub(x.exp().sum(axis, { keepDim: true }).log())],
  [
    layerNorm,
    (x: Tensor, weight: Tensor, bias: Tensor, epsilon = 1e-5) => {
      if (x.size === 0) return x.mul(weight).add(bias);
      const centred = x.sub(x.mean(-1, { keepDim: true }));
      const variance = centred.mul(centred).mean(-1, { keepDim: true });
      return centred.div(variance.add(epsilon).sqrt()).mul(weight).add(bias);
    },
  ],
  [
    crossEntropy,
    (logits: Tensor, targets: Tensor, { ignoreIndex = -100 }: { ignoreIndex?: number } = {}) => {
      const rows = numbersOf(targets);
      const counted = rows.flatMap((target, row) => (target === ignoreIndex ? [] : [row]));
      const losses = counted.map((row) => {
        const x = logits.slice(0, row, row + 1);
        return x
          .exp()
          .sum()
          .log()
          .sub(x.slice(1, rows[row], rows[row] + 1).sum());
      });
      return losses.reduce((sum, loss) => sum.add(loss)).div(counted.length);
    },
  ],
  [scaledDotProductAttention, attentionByRows],
];

/** One query at a time: the softmax of its scores with the keys it may read, times the values of those keys. */
function attentionByRows(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): Tensor {
  const { causal = false, scale = 1 / Math.sqrt(query.shape[3]) } = options;
  const [batches, heads, queries] = query.shape;
  const keys = key.shape[2];
  let out = query.mul(0);
  for (let b = 0; b < batches; b++) {
    const from = options.batch ? numbersOf(options.batch)[b] : b;
    for (let t = 0; t < queries; t++) {
      const position = options.positions ? numbersOf(options.positions)[b * queries + t] : t;
      const visible = position < 0 ? 0 : causal ? Math.min(position + 1, keys) : keys;
      if (visible === 0) continue;
      for (let h = 0; h < heads; h++) {
        const one = (x: Tensor, i: number, count: number, start = 0): Tensor =>
          x
            .slice(0, i, i + 1)
            .slice(1, h, h + 1)
            .slice(2, start, start + count)
            .reshape([count, x.shape[3]]);
        const scores = one(query, b, 1, t)
          .matmul(one(key, from, visible).transpose())
          .mul(scale)
          .exp();
        const weights = scores.div(scores.sum());
        const row = weights.matmul(one(value, from, visible)).reshape([1, 1, 1, query.shape[3]]);
        const place = (x: Tensor, axis: number, at: number): Tensor =>
          x.placeSlice(x.shape.with(axis, query.shape[axis]), axis, at);
        out = out.add(place(place(place(row, 2, t), 1, h), 0, b));
      }
    }
  }
  return out;
}

interface Derivatives {
  value: Tensor;
  first: Tensor[];
  second: Tensor[];
}

/** Value, gradient for the cotangent w, and gradient of the gradient along fixed directions. */
function derivativesOf(f: TensorFunction, leaves: readonly Tensor[], createGraph: boolean): Derivatives {
  const inputs = leaves.map(leafOf);
  const value = f(...inputs);
  const zeros = leaves.map((leaf) => leaf.mul(0));
  if (!value.requiresGrad) return { value, first: zeros, second: zeros };
  const random = new Random(5);
  const first = gradients(value, inputs, {
    gradient: normalLike(value, random).to(value.dtype),
    createGraph,
  });
  if (!createGraph) return { value, first, second: zeros };
  const slope = first
    .map((g) => g.mul(normalLike(g, random).to(g.dtype)).sum())
    .reduce((sum, part) => sum.add(part));
  return { value, first, second: slope.requiresGrad ? gradients(slope, inputs) : zeros };
}

/** Fails unless the numbers agree to `tolerance` of the largest. */
function agree(
  what: string,
  actual: readonly Tensor[],
  expected: readonly Tensor[],
  code: string,
  tolerance: number,
): void {
  expect(actual.length, what).toBe(expected.length);
  expected.forEach((wanted, i) => {
    const numbers = numbersOf(wanted);
    expect(actual[i].shape, `${what}\n${code}`).toEqual(wanted.shape);
    const error = largest(numbersOf(actual[i]).map((value, k) => value - numbers[k]));
    expect(error, `${what} ${i}\n${code}`).toBeLessThanOrEqual(tolerance * Math.max(1, largest(numbers)));
  });
}

describe('a fused op is its textbook definition, in value, gradient and second gradient', () => {
  test.each(textbook.map(([op, written]) => [op.record.name, op, written] as const))(
    '%s',
    (name, op, written) => {
      holds(
        name,
        (g) => {
          const drawn = drawCase(op, g);
          const { leaves, code } = drawn;
          const expected = derivativesOf(drawn.through(written), leaves, true);
          const kernel = derivativesOf(drawn.f, leaves, false);
          agree('value', [kernel.value], [expected.value], code, 1e-12);
          agree('gradient from the kernel', kernel.first, expected.first, code, 1e-11);
          const recorded = derivativesOf(drawn.f, leaves, true);
          agree('gradient when it is recorded', recorded.first, expected.first, code, 1e-11);
          agree('second gradient', recorded.second, expected.second, code, 1e-10);
        },
        40,
      );
    },
  );
});

const random = new Random(6);
const draw = (...shape: number[]): Tensor => randn(shape, random, { dtype: 'float64' });
const targets = tensor([3, 0, 99, 50, -100, 7, 7, 12], { dtype: 'int32' });
const positions = tensor(
  [
    [0, 2, 3, 15, -1],
    [0, 1, 2, 3, 4],
  ],
  { dtype: 'int32' },
);
const calls: [string, TensorFunction, Tensor[]][] = [
  ['softmax', (x) => softmax(x), [draw(4, 100).mul(5)]],
  ['logSoftmax', (x) => logSoftmax(x), [draw(4, 100).mul(5)]],
  ['layerNorm', (x, w, b) => layerNorm(x, w, b), [draw(6, 64), draw(64), draw(64)]],
  ['layerNorm far from 0', (x, w, b) => layerNorm(x, w, b), [draw(6, 64).add(10), draw(64), draw(64)]],
  ['crossEntropy', (x) => crossEntropy(x, targets), [draw(8, 100).mul(5)]],
  [
    'scaledDotProductAttention',
    (q, k, v) => scaledDotProductAttention(q, k, v, { causal: true, positions }),
    [draw(2, 3, 5, 8).mul(2), draw(2, 3, 16, 8).mul(2), draw(2, 3, 16, 8)],
  ],
];

describe('in float32, on rows of a model', () => {
  test.each(calls)('%s agrees with itself in float64, to the second gradient', (_, f, leaves) => {
    const exact = derivativesOf(f, leaves, true);
    const inputs = leaves.map((leaf) => leaf.to('float32'));
    const kernel = derivativesOf(f, inputs, false);
    const recorded = derivativesOf(f, inputs, true);
    agree('value', [kernel.value], [exact.value], '', 2e-6);
    agree('gradient from the kernel', kernel.first, exact.first, '', 5e-6);
    agree('gradient when it is recorded', recorded.first, exact.first, '', 5e-6);
    agree('second gradient', recorded.second, exact.second, '', 1e-4);
  });
});

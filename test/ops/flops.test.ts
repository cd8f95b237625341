/** What ops count: the operations that their kernels run, forward and backward. */
import { expect, test } from 'vitest';
import { flopsSoFar, ones, Random, randn, type Tensor, tensor } from '../../src/index.ts';

const leaf = (...shape: number[]): Tensor => randn(shape, new Random(1), { requiresGrad: true });
const whole = (shape: number[], ...values: number[]): Tensor =>
  tensor(values, { dtype: 'int32' }).reshape(shape).contiguous();

/** Operations of a call, result included. */
function forward(call: () => Tensor): number {
  const before = flopsSoFar();
  call().toTypedArray();
  return flopsSoFar() - before;
}

/** Operations of walking back from a result, gradients of the inputs included. */
function backward(result: Tensor, ...inputs: Tensor[]): number {
  result.toTypedArray();
  const gradient = ones(result.shape);
  const before = flopsSoFar();
  result.backward(gradient);
  for (const { grad } of inputs) grad?.toTypedArray();
  return flopsSoFar() - before;
}

const x = leaf(6, 5);
const [weight, bias] = [leaf(5), leaf(5)];
const targets = whole([6], 0, 1, 2, 3, 4, 0);
const [q, k, v] = [leaf(2, 3, 4, 8), leaf(2, 3, 7, 8), leaf(2, 3, 7, 8)];

test.each<[name: string, call: () => Tensor, operations: number]>([
  ['a product of matrices', () => x.matmul(leaf(5, 7)), 2 * 6 * 5 * 7],
  ['a product of many', () => leaf(3, 2, 4).matmul(leaf(3, 4, 5)), 2 * 3 * 2 * 4 * 5],
  ['a linear map', () => leaf(2, 3, 5).linear(leaf(4, 5), leaf(4)), (2 * 5 + 1) * 2 * 3 * 4],
  ['softmax', () => x.softmax(), 5 * 30],
  ['logSoftmax', () => x.logSoftmax(), 5 * 30],
  ['layerNorm', () => x.layerNorm(weight, bias), 8 * 30],
  ['crossEntropy', () => x.crossEntropy(targets), 5 * 30],
  ['a sum', () => x.sum(0), 30],
  ['three steps for each element', () => x.detach().mul(2).add(1).tanh(), 3 * 30],
  ['sorting, n log n', () => leaf(3, 8).sortValues(), 3 * 8 * 3],
  ['a copy', () => x.transpose().contiguous(), 0],
  // Two products of 8 for every pair of a query and a key that it reads, in each of 3 heads.
  ['attention to all keys', () => q.scaledDotProductAttention(k, v), 2 * 2 * 3 * 8 * (2 * 4 * 7)],
  [
    'attention to keys before',
    () => q.scaledDotProductAttention(k, v, { causal: true }),
    2 * 2 * 3 * 8 * (2 * (1 + 2 + 3 + 4)),
  ],
  [
    'attention from places, of which −1 is none and 9 is past the last key',
    () =>
      q.scaledDotProductAttention(k, v, {
        causal: true,
        positions: whole([2, 4], 0, 3, -1, 9, -1, -1, 6, 2),
      }),
    2 * 2 * 3 * 8 * (1 + 4 + 0 + 7 + 0 + 0 + 7 + 3),
  ],
  [
    'attention from places to all keys',
    () => q.scaledDotProductAttention(k, v, { positions: whole([2, 4], 0, 3, -1, 5, -1, -1, 6, 2) }),
    2 * 2 * 3 * 8 * (5 * 7),
  ],
])('%s', (_, call, operations) => {
  expect(forward(call)).toBe(operations);
});

test.each<[name: string, result: () => Tensor, inputs: Tensor[], operations: number]>([
  ['softmax', () => x.softmax(), [x], 4 * 30],
  ['layerNorm', () => x.layerNorm(weight, bias), [x, weight, bias], 14 * 30],
  ['crossEntropy', () => x.crossEntropy(targets), [x], 3 * 30],
  [
    'attention, as if every query read every key',
    () => q.scaledDotProductAttention(k, v),
    [q, k, v],
    5 * 2 * 192 * 7,
  ],
])('backward of %s', (_, result, inputs, operations) => {
  for (const input of inputs) input.grad = null;
  expect(backward(result(), ...inputs)).toBe(operations);
});

import { describe, expect, test } from 'vitest';
import {
  arange,
  type DType,
  eye,
  fromTypedArray,
  full,
  ones,
  Random,
  rand,
  randn,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts';

const inspect = (x: Tensor): unknown[] => [x.dtype, x.shape, x.toArray()];

describe('tensor', () => {
  test('takes nested lists of any depth; numbers are float32 unless asked otherwise', () => {
    expect(inspect(tensor(3))).toEqual(['float32', [], 3]);
    expect(inspect(tensor([1, 2]))).toEqual(['float32', [2], [1, 2]]);
    expect(inspect(tensor([[[1], [2]]]))).toEqual(['float32', [1, 2, 1], [[[1], [2]]]]);
    expect(inspect(tensor([[1.5, 2]], { dtype: 'float64' }))).toEqual(['float64', [1, 2], [[1.5, 2]]]);
    expect(inspect(tensor([]))).toEqual(['float32', [0], []]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
  });

  test('truth values make bool, which is stored as 0 and 1; beside numbers they count as numbers', () => {
    expect(inspect(tensor([true, false]))).toEqual(['bool', [2], [1, 0]]);
    expect(inspect(tensor([true, 2]))).toEqual(['float32', [2], [1, 2]]);
    expect(inspect(tensor([0.5, 0, -3, Number.NaN], { dtype: 'bool' }))).toEqual(['bool', [4], [1, 0, 1, 1]]);
  });

  test('int32 is cut towards zero, float32 rounds', () => {
    expect(tensor([1.9, -1.9], { dtype: 'int32' }).toArray()).toEqual([1, -1]);
    expect(tensor(0.1).item()).toBe(Math.fround(0.1));
    expect(tensor(0.1, { dtype: 'float64' }).item()).toBe(0.1);
  });

  test('a typed array is one axis of its own type', () => {
    expect(inspect(tensor(new Float64Array([1, 2])))).toEqual(['float64', [2], [1, 2]]);
    expect(inspect(tensor(new Int32Array([1, 2])))).toEqual(['int32', [2], [1, 2]]);
    expect(inspect(tensor(new Uint8Array([0, 7])))).toEqual(['bool', [2], [0, 1]]);
    expect(inspect(tensor(new Uint8Array([0, 7]), { dtype: 'int32' }))).toEqual(['int32', [2], [0, 7]]);
  });

  test('copies what it is given', () => {
    const numbers = new Float32Array([1, 2]);
    const x = tensor(numbers);
    numbers[0] = 100;
    const read = x.toTypedArray();
    read[1] = 100;
    expect(x.toArray()).toEqual([1, 2]);
  });
});

test('the other makers', () => {
  expect(inspect(zeros([2, 1]))).toEqual(['float32', [2, 1], [[0], [0]]]);
  expect(inspect(ones([2], { dtype: 'int32' }))).toEqual(['int32', [2], [1, 1]]);
  expect(inspect(full([2], 0.25))).toEqual(['float32', [2], [0.25, 0.25]]);
  expect(inspect(full([], 5, { dtype: 'bool' }))).toEqual(['bool', [], 1]);
  expect(inspect(arange(3))).toEqual(['float32', [3], [0, 1, 2]]);
  expect(inspect(arange(3, { start: -1, dtype: 'int32' }))).toEqual(['int32', [3], [-1, 0, 1]]);
  expect(arange(0).shape).toEqual([0]);
  expect(eye(2).toArray()).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(fromTypedArray(new Float32Array([1, 2, 3, 4]), [2, 2]).toArray()).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('a seed draws the same numbers again', () => {
  const draw = (): unknown[] => [randn([2, 3], new Random(7)).toArray(), rand([4], new Random(7)).toArray()];
  expect(draw()).toEqual(draw());
  expect(Math.min(...(rand([1000], new Random(1)).toArray() as number[]))).toBeGreaterThan(0);
});

test('requiresGrad makes a leaf', () => {
  const x = ones([2], { requiresGrad: true });
  expect([x.requiresGrad, x.isLeaf, x.grad]).toEqual([true, true, null]);
  x.requiresGrad = false;
  expect(x.requiresGrad).toBe(false);
});

describe('mistakes are named', () => {
  test.each<[string, () => unknown, string]>([
    [
      'ragged rows',
      () => tensor([[1, 2], [3]]),
      'tensor: the lists are ragged: along axis 1 stand lists of length 2, but also a list of length 1.',
    ],
    [
      'a number among rows',
      () => tensor([[1], 2]),
      'tensor: the lists are ragged: along axis 1 stand lists of length 1, but also 2.',
    ],
    [
      'a row among numbers',
      () => tensor([1, [2]]),
      'tensor: the lists are ragged: [2] stands where a number was expected.',
    ],
    [
      'words',
      () => tensor(['a' as unknown as number]),
      "tensor: takes nested lists of numbers or truth values, but found 'a'.",
    ],
    [
      'nothing',
      () => tensor(null as unknown as number),
      'tensor: takes nested lists of numbers or truth values, but found null.',
    ],
    [
      'an unknown type',
      () => tensor([1], { dtype: 'float16' as DType }),
      "tensor: there is no dtype 'float16': choose one of float64, float32, int32, bool.",
    ],
    [
      'an array of no dtype',
      () => tensor(new Uint32Array(1) as unknown as Int32Array),
      'fromTypedArray: no dtype stores a Uint32Array: convert it to Float32Array, Float64Array, Int32Array or Uint8Array (bool).',
    ],
    [
      'too few elements',
      () => fromTypedArray(new Float32Array(3), [2, 2]),
      'fromTypedArray: 3 elements do not fill (2, 2), which has 4.',
    ],
    [
      'a negative extent',
      () => zeros([2, -1]),
      'zeros: (2, -1) is no shape: give a list of whole numbers from 0 up, such as [2, 3].',
    ],
    [
      'two negative extents',
      () => fromTypedArray(new Float32Array(4), [-2, -2]),
      'fromTypedArray: (-2, -2) is no shape: give a list of whole numbers from 0 up, such as [2, 3].',
    ],
    [
      'a number for a shape',
      () => ones(3 as unknown as number[]),
      'ones: 3 is no shape: give a list of whole numbers from 0 up, such as [2, 3].',
    ],
    [
      'a fraction of a number',
      () => arange(2.5),
      'arange: (2.5) is no shape: give a list of whole numbers from 0 up, such as [2, 3].',
    ],
    [
      'random integers',
      () => randn([2], new Random(0), { dtype: 'int32' }),
      'randn: cannot draw int32: choose float32 or float64.',
    ],
    [
      'gradients of integers',
      () => arange(2, { dtype: 'int32', requiresGrad: true }),
      "requiresGrad: only floating tensors have gradients, not int32; convert it with .to('float32') first.",
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(expect.objectContaining({ name: 'OpError', message }));
  });
});

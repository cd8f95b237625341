/** Reading, converting and assigning values. */
import { describe, expect, test } from 'vitest';
import { arange, type DType, ones, type Tensor, tensor, zeros } from '../../src/index.ts';

describe('reading', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);

  test('toArray, toTypedArray and data give the elements in reading order', async () => {
    expect(x.transpose().toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(x.transpose().toTypedArray()).toEqual(new Float32Array([1, 3, 2, 4]));
    expect(await x.transpose().data()).toEqual(new Float32Array([1, 3, 2, 4]));
    expect(zeros([0, 2]).toTypedArray()).toEqual(new Float32Array(0));
  });

  test('item reads a single element of any rank', () => {
    expect([tensor(5), tensor([5]), tensor([[5]]), x.slice(0, 1).slice(1, 1)].map((t) => t.item())).toEqual([
      5, 5, 5, 4,
    ]);
    expect(() => x.item()).toThrow('item: needs exactly one element, but shape (2, 2) has 4.');
    expect(() => tensor([]).item()).toThrow('item: needs exactly one element, but shape (0) has 0.');
  });
});

describe('types', () => {
  const dtypes: DType[] = ['float32', 'float64', 'int32', 'bool'];

  test.each(dtypes)('every type converts to %s', (target) => {
    for (const dtype of dtypes) {
      const converted = tensor([0, 1, 1], { dtype }).to(target);
      expect([converted.dtype, converted.toArray()]).toEqual([target, [0, 1, 1]]);
    }
  });

  test('numbers are cut towards zero to int32, rounded to float32, and true unless 0', () => {
    const x = tensor([-1.9, 0, 0.1, 1.9], { dtype: 'float64' });
    expect(x.to('int32').toArray()).toEqual([-1, 0, 0, 1]);
    expect(x.to('float32').toTypedArray()).toEqual(new Float32Array([-1.9, 0, 0.1, 1.9]));
    expect(x.to('bool').toArray()).toEqual([1, 0, 1, 1]);
  });

  test('the wider type wins where two meet; numbers take the type of the tensor', () => {
    const types = (x: DType, y: DType): DType => ones([2], { dtype: x }).add(ones([2], { dtype: y })).dtype;
    expect(types('float32', 'float64')).toBe('float64');
    expect(types('int32', 'float32')).toBe('float32');
    expect(types('bool', 'int32')).toBe('int32');
    expect(types('bool', 'bool')).toBe('int32');
    expect(ones([2]).add(0.5).dtype).toBe('float32');
    expect(ones([2], { dtype: 'int32' }).div(2).toArray()).toEqual([0.5, 0.5]);
  });

  test('gradients come back in the type of the leaf', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.to('float64').square().sum().backward();
    expect([x.grad?.dtype, x.grad?.toArray()]).toEqual(['float32', [2, 4]]);
  });
});

describe('assign', () => {
  test('puts other values in place; whoever shares the storage sees them', () => {
    const x = tensor([1, 2, 3]);
    const view = x.slice(0, 1);
    const detached = x.detach();
    x.assign(x.mul(10));
    expect([x, view, detached].map((t) => t.toArray())).toEqual([
      [10, 20, 30],
      [20, 30],
      [10, 20, 30],
    ]);
  });

  test('the tensor that the values came from keeps a life of its own', () => {
    const [x, values] = [zeros([2]), tensor([1, 2])];
    x.assign(values);
    values.assign(tensor([8, 9]));
    expect([x.toArray(), values.toArray()]).toEqual([
      [1, 2],
      [8, 9],
    ]);
    x.assign(values.slice(0, 0, 2));
    expect(x.toArray()).toEqual([8, 9]);
  });

  test('takes views as values, itself among them', () => {
    const x = arange(4).reshape([2, 2]);
    x.assign(x.transpose());
    expect(x.toArray()).toEqual([
      [0, 2],
      [1, 3],
    ]);
    x.assign(x);
    expect(x.toArray()).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  test.each<[string, (x: Tensor) => void, string]>([
    [
      'another shape of the same size',
      (x) => x.assign(zeros([3, 2])),
      "assign: float32 (3, 2) on cpu does not fit float32 (2, 3) on cpu: shape, dtype and device must be this tensor's.",
    ],
    [
      'another type',
      (x) => x.assign(zeros([2, 3], { dtype: 'float64' })),
      "assign: float64 (2, 3) on cpu does not fit float32 (2, 3) on cpu: shape, dtype and device must be this tensor's.",
    ],
    [
      'a view as target',
      (x) => x.slice(0, 1).assign(zeros([1, 3])),
      'assign: a view cannot take other values; assign to the tensor it shows.',
    ],
  ])('refuses %s', (_, attempt, message) => {
    const x = ones([2, 3]);
    expect(() => attempt(x)).toThrow(expect.objectContaining({ message }));
    expect(x.toArray()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });
});

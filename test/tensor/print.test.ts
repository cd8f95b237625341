/** How tensors look when printed: one style for all numbers, aligned columns, long axes by their ends. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { arange, ones, Random, randn, tensor, zeros } from '../../src/index.ts';

test('whole numbers are written as such', () => {
  expect(String(tensor(3))).toMatchInlineSnapshot(`"tensor(3, shape (), float32)"`);
  expect(String(tensor([1, -20, 300]))).toMatchInlineSnapshot(
    `"tensor([  1, -20, 300], shape (3), float32)"`,
  );
  expect(String(tensor([2147483647, 0], { dtype: 'int32' }))).toMatchInlineSnapshot(
    `"tensor([2147483647,          0], shape (2), int32)"`,
  );
});

test('others with four decimals, aligned', () => {
  expect(
    String(
      tensor([
        [1.5, -2],
        [3, 10.25],
      ]),
    ),
  ).toMatchInlineSnapshot(`
    "tensor([[ 1.5000, -2.0000],
            [ 3.0000, 10.2500]], shape (2, 2), float32)"
  `);
  expect(String(randn([2, 3], new Random(0), { dtype: 'float64' }))).toMatchInlineSnapshot(`
    "tensor([[-0.2058, -0.4826, -0.2711],
            [ 0.5869,  0.4497, -0.4208]], shape (2, 3), float64)"
  `);
});

test('with powers of ten where four decimals would hide them', () => {
  expect(String(tensor([1e-5, 2, -3]))).toMatchInlineSnapshot(
    `"tensor([ 1.0000e-5,  2.0000e+0, -3.0000e+0], shape (3), float32)"`,
  );
  expect(String(tensor([1.5e9, 0.5]))).toMatchInlineSnapshot(
    `"tensor([1.5000e+9, 5.0000e-1], shape (2), float32)"`,
  );
});

test('NaN and infinities stand in their column', () => {
  expect(
    String(
      tensor([
        [1.5, Number.NaN],
        [Number.POSITIVE_INFINITY, 0],
      ]),
    ),
  ).toMatchInlineSnapshot(`
    "tensor([[  1.5000,      NaN],
            [Infinity,   0.0000]], shape (2, 2), float32)"
  `);
});

test('truth values', () => {
  expect(String(tensor([true, false]))).toMatchInlineSnapshot(`"tensor([ true, false], shape (2), bool)"`);
});

test('a blank line stands between matrices', () => {
  expect(String(arange(12).reshape([2, 3, 2]))).toMatchInlineSnapshot(`
    "tensor([[[ 0,  1],
             [ 2,  3],
             [ 4,  5]],

            [[ 6,  7],
             [ 8,  9],
             [10, 11]]], shape (2, 3, 2), float32)"
  `);
});

test('more than 1,000 elements are shown by the ends of their axes', () => {
  expect(String(arange(2000))).toMatchInlineSnapshot(
    `"tensor([   0,    1,    2, …, 1997, 1998, 1999], shape (2000), float32)"`,
  );
  expect(String(arange(2000).reshape([40, 50]))).toMatchInlineSnapshot(`
    "tensor([[   0,    1,    2, …,   47,   48,   49],
            [  50,   51,   52, …,   97,   98,   99],
            [ 100,  101,  102, …,  147,  148,  149],
            …,
            [1850, 1851, 1852, …, 1897, 1898, 1899],
            [1900, 1901, 1902, …, 1947, 1948, 1949],
            [1950, 1951, 1952, …, 1997, 1998, 1999]], shape (40, 50), float32)"
  `);
  expect(String(ones([2, 600]).transpose())).toMatchInlineSnapshot(`
    "tensor([[1, 1],
            [1, 1],
            [1, 1],
            …,
            [1, 1],
            [1, 1],
            [1, 1]], shape (600, 2), float32)"
  `);
});

test('an empty tensor is told by its shape', () => {
  expect(String(zeros([2, 0, 3]))).toMatchInlineSnapshot(`"tensor([], shape (2, 0, 3), float32)"`);
});

test('requiresGrad is told, and console.log prints the same', () => {
  const x = tensor([1, 2], { requiresGrad: true });
  expect(String(x)).toMatchInlineSnapshot(`"tensor([1, 2], shape (2), float32, requiresGrad)"`);
  expect(inspect(x)).toBe(String(x));
  expect(inspect({ x })).toContain(String(x));
});

test('views print what they show', () => {
  expect(String(arange(6).reshape([2, 3]).transpose())).toMatchInlineSnapshot(`
    "tensor([[0, 3],
            [1, 4],
            [2, 5]], shape (3, 2), float32)"
  `);
});

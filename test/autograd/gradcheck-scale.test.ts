import { describe, expect, test } from 'vitest';
import { customOp, grad, gradcheck, Random, randn, tensor } from '../../src/index.ts';

describe('gradcheck', () => {
  test('does not let a steep input hide a wrong gradient of a flat one', () => {
    const wrong = customOp({
      name: 'wrong',
      forward: (a, b) => a.mul(1e7).add(b),
      backward: (g) => [g.mul(1e7), g.mul(5)],
    });
    const x = (seed: number): ReturnType<typeof randn> => randn([2], new Random(seed), { dtype: 'float64' });
    expect(gradcheck(wrong, [x(1), x(2)]).passed).toBe(false);
  });
});

test('the gradient of a constant is 0', () => {
  expect(grad(() => tensor(3))(tensor(2)).item()).toBe(0);
  expect(grad(grad((x) => x.mul(2).sum()))(tensor(3)).item()).toBe(0);
});

test('a custom backward of another type is refused by name', () => {
  const x = tensor([1], { requiresGrad: true });
  const doubled = customOp({ name: 'doubled', forward: (a) => a.mul(2), backward: (g) => [g.to('float64')] });
  expect(() => doubled(x).sum().backward()).toThrow(
    'doubled: backward gave a float64 gradient for input 0, which is float32',
  );
});

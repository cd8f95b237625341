/** Gradients of gradients: with createGraph, and with grad and valueAndGrad inside one another. */
import { describe, expect, test } from 'vitest';
import { grad, gradcheck, gradients, noGrad, type Tensor, tensor, valueAndGrad } from '../../src/index.ts';

const at = (...values: number[]): Tensor => tensor(values, { dtype: 'float64' });
const leaf = (...values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });
const sumOfFourthPowers = (x: Tensor): Tensor => x.square().square().sum();

describe('createGraph', () => {
  test('x⁴ has the derivatives 4x³, 12x², 24x, 24 and then 0', () => {
    const x = leaf(2);
    let value = sumOfFourthPowers(x);
    for (const expected of [32, 48, 48, 24]) {
      [value] = gradients(value.sum(), [x], { createGraph: true });
      expect(value.toArray()).toEqual([expected]);
    }
    // A constant by now: there may be a graph, but no gradient comes through it.
    if (value.requiresGrad) expect(gradients(value.sum(), [x])[0].toArray()).toEqual([0]);
  });

  test('exp, sin and tanh have their derivatives to order 3', () => {
    const third = (f: (x: Tensor) => Tensor): number => {
      const x = leaf(0.7);
      let y = f(x);
      for (let order = 0; order < 3; order++) [y] = gradients(y.sum(), [x], { createGraph: true });
      return y.item();
    };
    expect(third((x) => x.exp())).toBeCloseTo(Math.exp(0.7), 12);
    expect(third((x) => x.sin())).toBeCloseTo(-Math.cos(0.7), 12);
    const t = Math.tanh(0.7);
    expect(third((x) => x.tanh())).toBeCloseTo((6 * t * t - 2) * (1 - t * t), 12);
  });

  test('third derivatives of fused ops agree with finite differences', () => {
    const x = tensor(
      [
        [0.3, -0.2, 0.5],
        [1, 0.25, -0.75],
      ],
      { dtype: 'float64' },
    );
    for (const f of [(t: Tensor) => t.softmax(-1), (t: Tensor) => t.logSoftmax(0)]) {
      expect(gradcheck(f, [x], { order: 3 }).message).toContain('right');
    }
    const [weight, bias] = [at(1, 2, -1), at(0, 1, 0)];
    const norm = (t: Tensor, w: Tensor, b: Tensor): Tensor => t.layerNorm(w, b, 0.5);
    expect(gradcheck(norm, [x, weight, bias], { order: 3 }).message).toContain('right');
  });

  test('a penalty on the gradient can be trained: .grad collects its gradient', () => {
    const [x, w] = [leaf(1, 2), leaf(3, 4)];
    const [slope] = gradients(x.mul(w).square().sum(), [x], { createGraph: true });
    // slope = 2 x w², so d(Σ slope)/dw = 4 x w
    slope.sum().backward();
    expect(w.grad?.toArray()).toEqual([12, 32]);
    expect(x.grad?.toArray()).toEqual([18, 32]);
  });

  test('without it, gradients are constants', () => {
    const x = leaf(1, 2);
    const [slope] = gradients(sumOfFourthPowers(x), [x]);
    expect(slope.requiresGrad).toBe(false);
  });

  test('the matrix of second derivatives is symmetric', () => {
    const f = (x: Tensor): Tensor =>
      x
        .slice(0, 0, 2)
        .mul(x.slice(0, 1, 3).exp())
        .tanh()
        .sum();
    const rows = [0, 1, 2].map((i) => {
      const x = leaf(0.1, -0.4, 0.8);
      const [slope] = gradients(f(x), [x], { createGraph: true });
      return gradients(slope.slice(0, i, i + 1).sum(), [x])[0].toArray() as number[];
    });
    for (const i of [0, 1, 2]) for (const j of [0, 1, 2]) expect(rows[i][j]).toBeCloseTo(rows[j][i], 14);
  });
});

describe('grad and valueAndGrad', () => {
  test('grad of grad is the second derivative, and so on', () => {
    const first = grad(sumOfFourthPowers);
    const second = grad((x) => first(x).sum());
    const third = grad((x) => second(x).sum());
    expect([first, second, third].map((f) => f(at(2, 3)).toArray())).toEqual([
      [32, 108],
      [48, 108],
      [48, 72],
    ]);
  });

  test('a variable of the outer function may stand in the inner one, as an argument or not', () => {
    // f(w) = d/dx (w² x³) at x = 2, that is 12 w²; so f'(w) = 24 w.
    const inner = (w: Tensor): Tensor => grad((x) => w.square().mul(x.square()).mul(x).sum())(at(2)).sum();
    expect(grad(inner)(at(5)).toArray()).toEqual([120]);
    const passed = (w: Tensor): Tensor =>
      grad((x, v) => v.square().mul(x.square()).mul(x).sum())(at(2), w).sum();
    expect(grad(passed)(at(5)).toArray()).toEqual([120]);
  });

  test('the same tensor inside and outside counts as two variables', () => {
    // d/dx [ x · d/dy (x y) at y = x ] = d/dx [ x · x ] = 2x
    const f = (x: Tensor): Tensor => x.mul(grad((y) => x.mul(y).sum())(x)).sum();
    expect(grad(f)(at(3)).toArray()).toEqual([6]);
  });

  test('valueAndGrad gives the value and a gradient per argument', () => {
    const result = valueAndGrad((a, b) => a.mul(b).sum())(at(1, 2), at(3, 4));
    expect(result.value.item()).toBe(11);
    expect(result.gradients.map((g) => g.toArray())).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(result.value.requiresGrad).toBe(false);
  });

  test('the value and the gradients can be differentiated on if any argument wants it, else they are constants', () => {
    const product = valueAndGrad((x, y) => x.mul(y).sum());
    const [a, b] = [tensor(2, { dtype: 'float64', requiresGrad: true }), tensor(3, { dtype: 'float64' })];
    const { value, gradients: slopes } = product(a, b);
    expect([value, ...slopes].map(({ requiresGrad }) => requiresGrad)).toEqual([true, true, true]);
    expect(gradients(slopes[1].square(), [a])[0].item()).toBe(4);
    const constants = product(b, b);
    expect([constants.value, ...constants.gradients].map((t) => t.requiresGrad)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('the gradient of a constant is 0', () => {
    expect(grad(() => tensor(3))(tensor(2)).item()).toBe(0);
    expect(grad(grad((x) => x.mul(2).sum()))(tensor(3)).item()).toBe(0);
  });

  test('they leave arguments, their .grad and the recording mode alone', () => {
    const x = leaf(1, 2);
    const plain = at(1, 2);
    noGrad(() => {
      expect(grad(sumOfFourthPowers)(x).toArray()).toEqual([4, 32]);
      expect(grad(sumOfFourthPowers)(plain).requiresGrad).toBe(false);
      expect(x.mul(2).requiresGrad).toBe(false);
    });
    expect([x.grad, plain.requiresGrad]).toEqual([null, false]);
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  test('an error inside leaves no trace', () => {
    const fail = (): Tensor => {
      throw new Error('inside');
    };
    expect(() => noGrad(() => grad(fail)(at(1)))).toThrow('inside');
    expect(leaf(1).mul(2).requiresGrad).toBe(true);
    expect(grad(sumOfFourthPowers)(at(1)).requiresGrad).toBe(false);
  });
});

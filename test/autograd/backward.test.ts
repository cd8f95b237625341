/** What backward does to a graph: who gets a gradient, when it adds up, and what happens the second time. */
import { describe, expect, test } from 'vitest';
import { customOp } from '../../src/autograd/custom-op.ts';
import { cpu } from '../../src/device/cpu.ts';
import { gradients, noGrad, ones, type Tensor, tensor } from '../../src/index.ts';
import { KeyValueCache } from '../../src/nn/key-value-cache.ts';

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
/** The collected gradient; a call, because TypeScript takes `x.grad = null` to last. */
const gradOf = (x: Tensor): unknown => x.grad?.toArray() ?? null;
const error = (message: string): unknown => expect.objectContaining({ name: 'OpError', message });

describe('gradients are collected', () => {
  test('in every leaf that requires one, and nowhere else', () => {
    const [a, b, constant] = [leaf(1, 2), leaf(3, 4), tensor([5, 6])];
    const product = a.mul(b);
    product.mul(constant).sum().backward();
    expect([a, b].map(gradOf)).toEqual([
      [15, 24],
      [5, 12],
    ]);
    expect([constant.grad, product.grad]).toEqual([null, null]);
  });

  test('along every path: a value used twice gets the sum', () => {
    const x = leaf(3);
    const square = x.mul(x);
    square.add(square.mul(x)).backward();
    // d(x² + x³) = 2x + 3x²
    expect(gradOf(x)).toEqual([33]);
  });

  test('by adding to what is there, until it is cleared', () => {
    const x = leaf(1, 2);
    for (const expected of [
      [2, 4],
      [4, 8],
    ]) {
      x.square().sum().backward();
      expect(gradOf(x)).toEqual(expected);
    }
    x.grad = null;
    x.square().sum().backward();
    expect(gradOf(x)).toEqual([2, 4]);
  });

  test('of one element without a cotangent, of others for the one that is given', () => {
    const x = leaf(1, 2);
    x.mul(3).slice(0, 0, 1).backward();
    expect(gradOf(x)).toEqual([3, 0]);
    x.grad = null;
    x.mul(3).backward(tensor([10, 100]));
    expect(gradOf(x)).toEqual([30, 300]);
  });

  test('a leaf is its own gradient function', () => {
    const x = leaf(7);
    x.backward();
    expect(gradOf(x)).toEqual([1]);
  });

  test('a graph that is entered from two results needs no clearing between them', () => {
    const x = leaf(1, 2);
    const shared = x.exp();
    const [sum, top] = [shared.sum(), shared.max()];
    sum.backward(null, { retainGraph: true });
    top.backward();
    const [first, second] = gradOf(x) as number[];
    expect(first).toBeCloseTo(Math.E, 5);
    expect(second).toBeCloseTo(2 * Math.E ** 2, 5);
  });
});

describe('gradients()', () => {
  test('returns them and leaves every .grad alone', () => {
    const [a, b] = [leaf(1, 2), leaf(3, 4)];
    const [first, second] = gradients(a.mul(b).sum(), [b, a]);
    expect([first.toArray(), second.toArray()]).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect([a.grad, b.grad]).toEqual([null, null]);
  });

  test('also of values between leaf and result, of the result itself, and of the same tensor twice', () => {
    const x = leaf(1, 2);
    const middle = x.mul(2);
    const total = middle.square().sum();
    const found = gradients(total, [middle, total, x, x]);
    expect(found.map((g) => g.toArray())).toEqual([[4, 8], 1, [8, 16], [8, 16]]);
  });

  test('is exactly 0 for what the result does not depend on, infinities included', () => {
    const [x, stranger] = [leaf(1), leaf(Number.POSITIVE_INFINITY, Number.NaN)];
    expect(gradients(x.square().sum(), [stranger])[0].toArray()).toEqual([0, 0]);
  });

  test('walks only what leads to the inputs that were asked for', () => {
    const [x, y] = [leaf(2), leaf(3)];
    const product = y.mul(y);
    product.sum().backward();
    // The graph behind `product` is gone, but the way to x does not lead through it.
    expect(gradients(x.mul(5).add(product.detach()).sum(), [x])[0].toArray()).toEqual([5]);
  });

  test('runs no backward that leads only elsewhere, and keeps it for later', () => {
    const [x, elsewhere] = [leaf(1), leaf(2)];
    const ran: string[] = [];
    const noted = (name: string): ((t: Tensor) => Tensor) =>
      customOp({
        name,
        forward: (t) => t.mul(2),
        backward: (g) => {
          ran.push(name);
          return [g.mul(2)];
        },
      });
    const side = noted('side')(elsewhere);
    const y = noted('top')(noted('bottom')(x).add(side));
    expect(gradients(y, [x])[0].toArray()).toEqual([4]);
    expect(ran).toEqual(['top', 'bottom']);
    side.backward();
    expect(gradOf(elsewhere)).toEqual([2]);
    // Up to a value in the middle, and no further.
    const middle = noted('inner')(x);
    ran.length = 0;
    expect(gradients(noted('outer')(middle), [middle])[0].toArray()).toEqual([2]);
    expect(ran).toEqual(['outer']);
  });
});

describe('a graph is walked once', () => {
  test('the second backward says what to do', () => {
    const x = leaf(1, 2);
    const loss = x.square().sum();
    loss.backward();
    expect(() => loss.backward()).toThrow(
      error(
        'backward: the graph behind sum was already walked and released; ' +
          'compute the output again, or pass { retainGraph: true } the first time.',
      ),
    );
    expect(gradOf(x)).toEqual([2, 4]);
  });

  test('retainGraph keeps it for more', () => {
    const x = leaf(1, 2);
    const loss = x.square().sum();
    for (let i = 0; i < 3; i++) loss.backward(null, { retainGraph: i < 2 });
    expect(gradOf(x)).toEqual([6, 12]);
    expect(() => loss.backward()).toThrow('already walked and released');
  });

  test('part of a released graph refuses too, even for another result', () => {
    const x = leaf(1, 2);
    const shared = x.exp();
    shared.sum().backward();
    expect(() => shared.square().sum().backward()).toThrow('the graph behind exp was already walked');
  });
});

describe('values that backward needs must not change before it', () => {
  test('assigning to a saved tensor in between is refused, not computed wrongly', () => {
    const x = leaf(1, 2);
    const loss = x.square().sum();
    noGrad(() => x.assign(tensor([5, 5])));
    expect(() => loss.backward()).toThrow(
      error(
        "backward: a tensor that square saved was assigned other values since; call backward() before the optimizer's step().",
      ),
    );
  });

  test('also through a view or a detached copy, which share the storage', () => {
    const x = ones([2, 2], { requiresGrad: true });
    const weights = tensor([
      [1, 2],
      [3, 4],
    ]);
    const loss = x.mul(weights.transpose()).sum();
    weights.detach().assign(ones([2, 2]));
    expect(() => loss.backward()).toThrow('a tensor that mul saved was assigned other values');
  });

  test('what backward does not need may change', () => {
    const x = leaf(1, 2);
    const loss = x.mul(3).add(1).sum();
    noGrad(() => x.assign(tensor([5, 5])));
    loss.backward();
    expect(gradOf(x)).toEqual([3, 3]);
  });
});

describe('values that a backward reads beside its inputs must not change before it either', () => {
  test('where queries stand, and which keys they read', () => {
    const whole = (...values: number[]): Tensor => tensor(values, { dtype: 'int32' });
    for (const change of ['positions', 'batch'] as const) {
      const x = tensor([1, 2, 3, 4], { requiresGrad: true }).reshape([2, 1, 2, 1]);
      const places = { positions: whole(0, 1, 0, 1).reshape([2, 2]).contiguous(), batch: whole(0, 1) };
      const y = x.scaledDotProductAttention(x, x, { causal: true, ...places });
      noGrad(() => places[change].assign(places[change].mul(0)));
      expect(() => y.sum().backward()).toThrow(
        'a tensor that scaledDotProductAttention saved was assigned other values since',
      );
    }
  });

  test('what a cache shows, once other tokens are written there', () => {
    const cache = new KeyValueCache(1, 1, 2, 1, ones([1]));
    const one = (value: number): Tensor => tensor([value]).reshape([1, 1, 1, 1]);
    const { key, value } = cache.append({ key: one(2), value: one(3) });
    const query = tensor([1], { requiresGrad: true }).reshape([1, 1, 1, 1]);
    const y = query.scaledDotProductAttention(key, value);
    cache.clear();
    cache.append({ key: one(5), value: one(7) });
    expect(() => y.sum().backward()).toThrow('saved was assigned other values since');
  });
});

describe('misuse is named', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a result with several elements',
      () => leaf(1, 2).mul(2).backward(),
      'backward: the output has shape (2); only a scalar can do without a gradient. Did you mean y.sum().backward() or y.backward(gradient)?',
    ],
    [
      'a cotangent of another shape',
      () =>
        leaf(1, 2)
          .mul(2)
          .backward(ones([3])),
      'backward: the gradient that was passed is float32 (3) on cpu; it must be float32 (2) on cpu, like the output.',
    ],
    [
      'a cotangent of another type',
      () =>
        leaf(1, 2)
          .mul(2)
          .backward(ones([2], { dtype: 'float64' })),
      'backward: the gradient that was passed is float64 (2) on cpu; it must be float32 (2) on cpu, like the output.',
    ],
    [
      'a cotangent on another device',
      () =>
        leaf(1)
          .mul(2)
          .backward(ones([1], { device: { ...cpu, name: 'other' } })),
      'backward: the gradient that was passed is float32 (1) on other; it must be float32 (1) on cpu, like the output.',
    ],
    [
      'a result without a graph',
      () => tensor([1, 2]).sum().backward(),
      'backward: nothing was recorded for this float32 (): no input had requiresGrad, or it was computed in noGrad, detached, or by an op without a derivative.',
    ],
    [
      'gradients for a tensor that wants none',
      () => gradients(leaf(1).sum(), [tensor([1])]),
      'gradients: input 0 (1) requires no gradient; set its requiresGrad before the output is computed.',
    ],
    [
      'switching requiresGrad on a result',
      () => {
        leaf(1).mul(2).requiresGrad = false;
      },
      'requiresGrad: only a leaf can be switched; use detach() to stop gradients.',
    ],
  ])('%s', (_, attempt, message) => {
    expect(attempt).toThrow(error(message));
  });
});

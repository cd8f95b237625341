/** What is recorded and for how long; hooks, and anomaly mode. */
import { describe, expect, test } from 'vitest';
import { customOp } from '../../src/autograd/custom-op.ts';
import {
  detectAnomaly,
  inModule,
  isGradEnabled,
  noGrad,
  ones,
  type Tensor,
  tensor,
} from '../../src/index.ts';

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });
const error = (message: string): unknown => expect.objectContaining({ name: 'OpError', message });

describe('recording', () => {
  test('only what depends on a leaf with requiresGrad is recorded', () => {
    expect(tensor([1]).mul(2).requiresGrad).toBe(false);
    expect(leaf(1).mul(2).requiresGrad).toBe(true);
    expect(tensor([1]).mul(leaf(2)).isLeaf).toBe(false);
    expect(leaf(1).gt(0).requiresGrad).toBe(false);
    expect(tensor([1]).softmax().requiresGrad).toBe(false);
    expect(noGrad(() => leaf(1).softmax().requiresGrad)).toBe(false);
    expect(leaf(1.5).to('int32').requiresGrad).toBe(false);
    expect(leaf(1.5).to('bool').to('float32').requiresGrad).toBe(false);
    expect(leaf(1.5).to('float64').requiresGrad).toBe(true);
  });

  test('a custom op of constants, or in noGrad, is not', () => {
    const twice = customOp({ name: 'twice', forward: (x) => x.mul(2), backward: (g) => [g.mul(2)] });
    expect(twice(tensor([1])).requiresGrad).toBe(false);
    expect(noGrad(() => twice(leaf(1)).requiresGrad)).toBe(false);
    expect(twice(leaf(1)).requiresGrad).toBe(true);
  });

  test('noGrad stops it, and it comes back whatever happens inside', () => {
    const x = leaf(1);
    expect(noGrad(() => [x.mul(2).requiresGrad, isGradEnabled()])).toEqual([false, false]);
    expect(() =>
      noGrad(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(isGradEnabled()).toBe(true);
  });

  test('noGrad refuses an asynchronous function, which it could not cover', () => {
    expect(() => noGrad(async () => 1)).toThrow(
      'noGrad: the function returned a promise, and recording is on again before it goes on',
    );
  });

  test('detach cuts the graph and shares the values', () => {
    const x = leaf(2);
    const y = x.square();
    y.detach().mul(y).backward();
    // d(4 · x²) with 4 held constant
    expect(x.grad?.toArray()).toEqual([16]);
    expect(y.detach().storage).toBe(y.storage);
  });
});

describe('the tape lets go of what it saved', () => {
  test('after backward no storage is held, results and inputs alike', () => {
    const [x, weight] = [leaf(1, 2, 3), leaf(1, 1, 1)];
    const steps = [x.exp(), x.mul(weight), x.softmax(-1), x.layerNorm(weight, weight), x.max()];
    const loss = steps.map((step) => step.square().sum()).reduce((sum, part) => sum.add(part));
    expect([x, weight, ...steps].some((t) => t.storage.held)).toBe(true);
    loss.backward();
    expect([x, weight, ...steps, loss].map((t) => t.storage.held)).not.toContain(true);
    // .grad lives on.
    expect(x.grad?.storage.held).toBe(true);
  });

  test('with retainGraph it holds on until the last walk', () => {
    const x = leaf(1, 2);
    const y = x.tanh();
    const loss = y.sum();
    loss.backward(null, { retainGraph: true });
    expect(y.storage.held).toBe(true);
    loss.backward();
    expect(y.storage.held).toBe(false);
  });

  test('without a graph nothing is held', () => {
    const x = leaf(1, 2);
    const y = noGrad(() => x.exp().square());
    expect([x.storage.held, y.storage.held]).toEqual([false, false]);
    expect(tensor([1]).exp().storage.held).toBe(false);
  });
});

describe('hooks', () => {
  test('see the whole gradient of a tensor once, leaf or not, and may replace it', () => {
    const x = leaf(1, 2);
    const y = x.mul(3);
    const seen: unknown[] = [];
    y.registerHook((g) => {
      seen.push(g.toArray());
      return undefined;
    });
    x.registerHook((g) => g.mul(10));
    y.add(y).sum().backward();
    expect(seen).toEqual([[2, 2]]);
    expect(x.grad?.toArray()).toEqual([60, 60]);
  });

  test('run in the order of their registration, until they are removed', () => {
    const x = leaf(1);
    const calls: string[] = [];
    const note = (name: string) => (): undefined => {
      calls.push(name);
    };
    const removeFirst = x.registerHook(note('first'));
    x.registerHook(note('second'));
    x.mul(1).backward();
    removeFirst();
    removeFirst();
    x.mul(1).backward();
    expect(calls).toEqual(['first', 'second', 'second']);
  });

  test('may remove themselves while they run', () => {
    const x = leaf(1);
    let calls = 0;
    const remove = x.registerHook(() => {
      calls++;
      remove();
      return undefined;
    });
    x.registerHook((g) => g.mul(2));
    x.mul(1).backward();
    x.mul(1).backward();
    expect([calls, x.grad?.item()]).toEqual([1, 4]);
  });

  test('misuse is named', () => {
    expect(() => tensor([1]).registerHook(() => undefined)).toThrow(
      error('registerHook: this tensor requires no gradient, so none will reach it; set requiresGrad first.'),
    );
    const x = leaf(1, 2);
    x.registerHook(() => ones([3]));
    expect(() => x.sum().backward()).toThrow(
      error(
        'backward: what a hook returned is float32 (3) on cpu; it must be float32 (2) on cpu, like the gradient it got.',
      ),
    );
  });
});

describe('anomaly mode stops at the first number that is not finite', () => {
  test('in the forward pass: the op, its shapes, whether its inputs were to blame', () => {
    const x = tensor([[4, -1]]);
    expect(() => detectAnomaly(() => x.sqrt())).toThrow(
      error('sqrt: made NaN at [0, 1] from inputs (1, 2), which were finite; result (1, 2).'),
    );
    expect(() => detectAnomaly(() => x.sub(Number.POSITIVE_INFINITY).exp().sum().log())).toThrow(
      'sub: made -Infinity',
    );
    expect(() => detectAnomaly(() => tensor([Number.NaN]).matmul(ones([1])))).toThrow(
      error('mul: made NaN at [0] from inputs (1), (1); result (1).'),
    );
  });

  test('in the backward pass, where the forward was fine', () => {
    expect(() =>
      detectAnomaly(() => {
        leaf(0, 1).sqrt().sum().backward();
      }),
    ).toThrow(
      error('sqrt backward: made Infinity at [0] from inputs (2), (2), which were finite; result (2).'),
    );
  });

  test('and says where in the model the op stands, in both passes', () => {
    const layer = (x: Tensor): Tensor => inModule('layers.2', () => inModule('attention', () => x.sqrt()));
    expect(() => detectAnomaly(() => layer(leaf(-1)))).toThrow(
      error('sqrt: made NaN at [0] in layers.2.attention from inputs (1), which were finite; result (1).'),
    );
    expect(() => detectAnomaly(() => layer(leaf(0)).backward())).toThrow(
      error(
        'sqrt backward: made Infinity at [0] in layers.2.attention from inputs (1), (1), which were finite; result (1).',
      ),
    );
    const sum = customOp({ name: 'sum', forward: (x) => x.sum(), backward: (g) => [g.div(0)] });
    expect(() => detectAnomaly(() => inModule('head', () => sum(leaf(1))).backward())).toThrow(
      'div: made Infinity at [] in head',
    );
  });

  test('in an op over a kernel', () => {
    const big = tensor([[1e30]]);
    expect(() => detectAnomaly(() => big.matmul(big))).toThrow(
      error('matmul: made Infinity at [0, 0] from inputs (1, 1), (1, 1), which were finite; result (1, 1).'),
    );
  });

  test('in a backward that is no op of its own', () => {
    const bad = (value: number | null): ((x: Tensor, y: Tensor) => Tensor) =>
      customOp({
        name: 'bad',
        forward: (x, y) => x.add(y),
        backward: (g) => [null, value === null ? g : tensor([value])],
      });
    const run = (value: number | null) => () => detectAnomaly(() => bad(value)(leaf(1), leaf(2)).backward());
    expect(run(NaN)).toThrow(
      error('bad backward: made NaN at [0] from inputs (1), which were finite; result (1).'),
    );
    expect(run(null)).not.toThrow();
    expect(() => bad(NaN)(leaf(1), leaf(2)).backward()).not.toThrow();
  });

  test('in float64 too, and never in whole numbers', () => {
    expect(() => detectAnomaly(() => tensor([-1], { dtype: 'float64' }).sqrt())).toThrow('sqrt: made NaN');
    const half = tensor([[0.5, NaN]]);
    expect(() => detectAnomaly(() => half.mul(2))).toThrow(
      error('mul: made NaN at [0, 1] from inputs (1, 2); result (1, 2).'),
    );
    expect(detectAnomaly(() => half.isNan().toArray())).toEqual([[0, 1]]);
  });

  test('changes no result, and is over afterwards', () => {
    const x = leaf(1, 2);
    detectAnomaly(() => x.exp().sum().backward());
    const plain = leaf(1, 2);
    plain.exp().sum().backward();
    expect(x.grad?.toTypedArray()).toEqual(plain.grad?.toTypedArray());
    expect(tensor([-1]).sqrt().item()).toBeNaN();
    expect(() => detectAnomaly(() => tensor([-1]).sqrt())).toThrow();
    expect(tensor([-1]).sqrt().item()).toBeNaN();
  });
});

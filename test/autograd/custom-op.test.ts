import { describe, expect, test } from 'vitest';
import { customOp } from '../../src/autograd/custom-op.ts';
import { gradcheck, gradients, noGrad, type Tensor, tensor } from '../../src/index.ts';

const leaf = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });

/** a · e^b, with its gradient by hand. */
const scaledExp = customOp({
  name: 'scaledExp',
  forward: (a, b) => a.mul(b.exp()),
  backward: (g, { inputs: [, b], output }) => [g.mul(b.exp()), g.mul(output)],
});

describe('customOp', () => {
  test('has the gradients that were written, to any order', () => {
    const inputs = [tensor([1, -2], { dtype: 'float64' }), tensor([0.5, 0.25], { dtype: 'float64' })];
    expect(gradcheck(scaledExp, inputs, { order: 3 }).message).toContain('right');
  });

  test('takes what was written for the truth: a straight-through estimator', () => {
    const step = customOp({
      name: 'step',
      forward: (x) => x.gt(0).to(x.dtype),
      backward: (g) => [g],
    });
    const x = leaf([-1, 2]);
    const y = step(x);
    expect(y.toArray()).toEqual([0, 1]);
    expect(gradients(y.mul(3).sum(), [x])[0].toArray()).toEqual([3, 3]);
  });

  test('may hand back its input without joining their graphs', () => {
    const reversed = customOp({ name: 'reversed', forward: (x) => x, backward: (g) => [g.neg()] });
    const x = leaf([1, 2]);
    expect(gradients(reversed(x).sum(), [x])[0].toArray()).toEqual([-1, -1]);
    expect(x.isLeaf).toBe(true);
  });

  test('says which gradient is missing or has another shape', () => {
    const wrong = (name: string, backward: () => (Tensor | null)[]): (() => unknown) => {
      const x = leaf([1, 2]);
      return () => gradients(customOp({ name, forward: (t) => t.mul(1), backward })(x).sum(), [x]);
    };
    expect(wrong('few', () => [])).toThrow(
      'few: backward gave 0 gradients for 1 inputs; give null where none flows.',
    );
    expect(wrong('small', () => [leaf([1])])).toThrow(
      'small: backward gave a gradient (1) for input 0, which is (2)',
    );
  });

  test('a gradient of another type is refused by name', () => {
    const x = tensor([1], { requiresGrad: true });
    const doubled = customOp({
      name: 'doubled',
      forward: (a) => a.mul(2),
      backward: (g) => [g.to('float64')],
    });
    expect(() => doubled(x).sum().backward()).toThrow(
      'doubled: backward gave a float64 gradient for input 0, which is float32',
    );
  });

  test('notices that what its backward would read was assigned other values', () => {
    const x = leaf([1, 2]);
    const y = scaledExp(x, leaf([0, 0]));
    noGrad(() => x.assign(tensor([5, 5], { dtype: 'float64' })));
    expect(() => y.sum().backward()).toThrow('a tensor that scaledExp saved was assigned other values since');
  });

  test('its inputs and its result are held until backward has read them', () => {
    const x = leaf([1, 2]);
    const y = scaledExp(x, x);
    expect([x.storage.held, y.storage.held]).toEqual([true, true]);
    y.sum().backward();
    expect([x.storage.held, y.storage.held]).toEqual([false, false]);
  });
});

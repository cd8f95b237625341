import { describe, expect, test } from 'vitest';
import { customOp } from '../../src/autograd/custom-op.ts';
import { gradcheck, gradients, type Tensor, tensor } from '../../src/index.ts';

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
});

/** What the estimators promise as ops: a hard forward, and exactly the stated surrogate backward. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromTypedArray, gradcheck, gradients, noGrad, Random, randn, type Tensor } from '../../src/index.ts';
import { hardMask, straightThrough, takenBranch } from '../../src/routing/estimators.ts';
import { distance, holdsFor, sameBits } from '../model/models.ts';

const f64 = { dtype: 'float64', requiresGrad: true } as const;

/** Random probabilities, choices that need not follow from them, inputs and branch results: (B, T) = (2, 3), D = 4. */
function scene(seed: number): { s1: Tensor; active: Tensor; x: Tensor; y: Tensor; delta: Tensor } {
  const random = new Random(seed);
  const chances = Float64Array.from({ length: 6 }, () => random.uniform());
  const choices = Uint8Array.from({ length: 6 }, () => random.int(2));
  return {
    s1: fromTypedArray(chances, [2, 3, 1], { requiresGrad: true }),
    active: fromTypedArray(choices, [2, 3, 1]),
    x: randn([2, 3, 4], random, f64),
    y: randn([2, 3, 4], random, f64),
    delta: randn([2, 3, 4], random, { dtype: 'float64' }),
  };
}

describe('both estimators', () => {
  test('return y where active and x elsewhere, bit for bit', () => {
    holdsFor('forward', fc.nat(10_000), (seed) => {
      const { s1, active, x, y } = scene(seed);
      const expected = active.where(y, x).toTypedArray();
      expect(sameBits(straightThrough(s1, active, x, y).toTypedArray(), expected)).toBe(true);
      expect(sameBits(takenBranch(s1, active, x, y).toTypedArray(), expected)).toBe(true);
    });
  });

  test('pass the gradient to x and y as the forward used them', () => {
    holdsFor('x and y', fc.nat(10_000), (seed) => {
      const { s1, active, x, y, delta } = scene(seed);
      for (const estimator of [straightThrough, takenBranch]) {
        const [dx, dy] = gradients(estimator(s1, active, x, y), [x, y], { gradient: delta });
        expect(distance(dx, active.where(0, delta))).toBe(0);
        expect(distance(dy, active.where(delta, 0))).toBe(0);
      }
    });
  });
});

describe('the surrogate gradients', () => {
  test('A: ⟨δ, y − x⟩ for every token', () => {
    holdsFor('A', fc.nat(10_000), (seed) => {
      const { s1, active, x, y, delta } = scene(seed);
      const [ds] = gradients(straightThrough(s1, active, x, y), [s1], { gradient: delta });
      const d = [delta, x, y].map((t) => t.toTypedArray());
      ds.toTypedArray().forEach((value: number, token: number) => {
        let dot = 0;
        for (let i = token * 4; i < token * 4 + 4; i++) dot += d[0][i] * (d[2][i] - d[1][i]);
        expect(value).toBeCloseTo(dot, 12);
      });
    });
  });

  test('B: ⟨δ, output⟩ for the branch taken', () => {
    holdsFor('B', fc.nat(10_000), (seed) => {
      const { s1, active, x, y, delta } = scene(seed);
      const output = takenBranch(s1, active, x, y);
      const [ds] = gradients(output, [s1], { gradient: delta });
      const [d, out] = [delta.toTypedArray(), output.toTypedArray()];
      ds.toTypedArray().forEach((value: number, token: number) => {
        let dot = 0;
        for (let i = token * 4; i < token * 4 + 4; i++) dot += d[i] * out[i];
        expect(value).toBeCloseTo(dot, 12);
      });
    });
  });

  test('A is the derivative of the soft mixture s₁ y + (1 − s₁) x with respect to s₁', () => {
    holdsFor('soft mixture', fc.nat(10_000), (seed) => {
      const { s1, active, x, y, delta } = scene(seed);
      const soft = s1.mul(y).add(s1.neg().add(1).mul(x));
      const [expected] = gradients(soft, [s1], { gradient: delta });
      const [ds] = gradients(straightThrough(s1, active, x, y), [s1], { gradient: delta });
      expect(distance(ds, expected)).toBeLessThan(1e-12);
    });
  });

  test('the hard mask is 0 or 1 and hands its gradient to s₁ as it is', () => {
    holdsFor('hard mask', fc.nat(10_000), (seed) => {
      const { s1, active, delta } = scene(seed);
      const mask = hardMask(s1, active);
      const cotangent = delta.slice(-1, 0, 1);
      expect(mask.dtype).toBe('float64');
      expect(Array.from(mask.toTypedArray())).toEqual(Array.from(active.toTypedArray()));
      expect(distance(gradients(mask, [s1], { gradient: cotangent })[0], cotangent)).toBe(0);
    });
  });

  test('are told from derivatives by gradcheck', () => {
    const { s1, active, x, y } = scene(1);
    const report = gradcheck((s) => straightThrough(s, active, x.detach(), y.detach()), [s1]);
    expect(report.passed).toBe(false);
  });
});

test('each is named where its backward is refused', () => {
  const named = { straightThrough, takenBranch, hardMask };
  for (const [name, estimator] of Object.entries(named)) {
    const { s1, active, x, y } = scene(2);
    const output = (estimator as typeof straightThrough)(s1, active, x, y);
    noGrad(() => s1.assign(s1.mul(2)));
    expect(() => output.sum().backward()).toThrow(
      `a tensor that ${name} saved was assigned other values since`,
    );
  }
});

/**
 * Fusion changes when numbers are computed and by which kernel, never the numbers: a chain of pointwise ops that runs
 * as one program gives, to the last bit in float64, what its ops give one by one.
 */
import { describe, expect, test } from 'vitest';
import type { Program } from '../../kernels/pointwise/program.ts';
import { cpu } from '../../src/device/cpu.ts';
import type { Device } from '../../src/device/device.ts';
import { detectAnomaly, flopsSoFar, gradients, noGrad, ones, type Tensor, tensor } from '../../src/index.ts';
import { leafOf, numbersOf } from './derivatives.ts';
import { drawExpression, kinked, mixing, type RandomExpression, smooth, views } from './expressions.ts';
import { holds } from './runs.ts';

const everything = { ...smooth, ...kinked, ...views, ...mixing };

/** The value, its gradients, and the gradients of their sum of squares. */
function derivativesOf({ total }: RandomExpression, leaves: readonly Tensor[]): number[][] {
  const inputs = leaves.map(leafOf);
  const value = total(...inputs);
  const first = gradients(value, inputs, { createGraph: true });
  const norm = first.map((g) => g.square().sum()).reduce((sum, part) => sum.add(part));
  const second = norm.requiresGrad ? gradients(norm, inputs) : [];
  return [value, ...first, ...second].map(numbersOf);
}

/** A device that notes every pointwise program it runs. */
function recordingDevice(): { device: Device; programs: Program[] } {
  const programs: Program[] = [];
  const pointwise: Device['kernels']['pointwise'] = (program, ...rest) => {
    programs.push(program);
    cpu.kernels.pointwise(program, ...rest);
  };
  return { device: { ...cpu, name: 'recording', kernels: { ...cpu.kernels, pointwise } }, programs };
}

describe('a fused expression has the values of its unfused parts', () => {
  test('when every result is read as soon as it is made', () => {
    holds(
      'read at once',
      (g) => {
        const { leaves, run, code } = drawExpression(g, {
          vocabulary: everything,
          maxLines: 20,
          maxDepth: 20,
        });
        const fused = run(leaves).map(numbersOf);
        const apart = run(leaves, (result) => result.toTypedArray()).map(numbersOf);
        expect(fused, code).toEqual(apart);
      },
      200,
    );
  });

  test('when some results are read, in any order', () => {
    holds(
      'read now and then',
      (g) => {
        const { leaves, run, code } = drawExpression(g, {
          vocabulary: everything,
          maxLines: 20,
          maxDepth: 20,
        });
        const apart = run(leaves, (result) => result.toTypedArray()).map(numbersOf);
        let count = 0;
        const made: Tensor[] = [];
        const mixed = run(leaves, (result) => {
          made.push(result);
          // Every third line something older is read, so that results are absorbed first and needed afterwards.
          if (++count % 3 === 0) made[Math.floor(count / 2)].toTypedArray();
        });
        const backwards = mixed.toReversed().map(numbersOf).toReversed();
        expect(backwards, code).toEqual(apart);
      },
      200,
    );
  });

  test('and its gradients of first and second order', () => {
    holds(
      'derivatives',
      (g) => {
        const expression = drawExpression(g, { vocabulary: everything, maxLines: 16, maxDepth: 16 });
        const fused = derivativesOf(expression, expression.leaves);
        // Anomaly mode reads every result, forward and backward, the moment it is made.
        const apart = detectAnomaly(() => derivativesOf(expression, expression.leaves));
        expect(fused, expression.code).toEqual(apart);
      },
      200,
    );
  });
});

describe('what is pending keeps the values it was built from', () => {
  test('a tensor that is assigned other values does not change an expression built before', () => {
    const x = tensor([1, 2, 3]);
    const product = x.mul(10);
    const view = x.slice(0, 1, 3).add(1);
    x.assign(tensor([7, 8, 9]));
    expect(product.toArray()).toEqual([10, 20, 30]);
    expect(view.toArray()).toEqual([3, 4]);
    expect(x.mul(10).toArray()).toEqual([70, 80, 90]);
  });

  test('a pending result that was absorbed elsewhere still has its own value', () => {
    const x = tensor([1, 2]);
    const y = x.add(1);
    const left = y.mul(2);
    const right = y.mul(3);
    x.assign(tensor([100, 100]));
    expect([left, right, y].map((t) => t.toArray())).toEqual([
      [4, 6],
      [6, 9],
      [2, 3],
    ]);
  });

  test('the same operation with another number is another result', () => {
    const x = tensor([1, 2]);
    expect([2, 3, 2].map((factor) => x.mul(factor).add(factor).toArray())).toEqual([
      [4, 6],
      [6, 9],
      [4, 6],
    ]);
  });

  test('a pending result may stand on both sides of an op, broadcast against itself, or be viewed', () => {
    const y = tensor([[1, 2]]).add(1);
    expect(y.mul(y).toArray()).toEqual([[4, 9]]);
    const z = tensor([[1, 2]]).add(1);
    expect(z.mul(z.transpose()).toArray()).toEqual([
      [4, 6],
      [6, 9],
    ]);
    const w = tensor([[1, 2]]).add(1);
    expect(w.slice(1, 1, 2).mul(w).toArray()).toEqual([[6, 9]]);
  });
});

describe('a change of type in the middle of a chain rounds where it stands', () => {
  test('float32 before float64', () => {
    const third = tensor([1]).div(3);
    const exact = third.add(tensor([0], { dtype: 'float64' }));
    expect([exact.dtype, exact.item()]).toEqual(['float64', Math.fround(1 / 3)]);
  });

  test('int32, which wraps around, before float32', () => {
    const wrapped = tensor([2 ** 30], { dtype: 'int32' }).mul(4);
    expect([wrapped.dtype, wrapped.add(tensor([0.25])).item()]).toEqual(['int32', 0.25]);
  });
});

describe('how much is fused', () => {
  test('a chain of pointwise ops is one kernel', () => {
    const { device, programs } = recordingDevice();
    const x = tensor([1, 2, 3], { device });
    x.mul(2).add(1).tanh().square().toTypedArray();
    expect(programs).toHaveLength(1);
    expect(programs[0].flops).toBe(4);
  });

  test('no program grows beyond 48 nodes or 7 inputs, however long the chain', () => {
    const { device, programs } = recordingDevice();
    const xs = Array.from({ length: 40 }, (_, i) => tensor([i, 1], { device }));
    xs.reduce((sum, x) => sum.add(x).mul(0.5), tensor([0, 0], { device })).toTypedArray();
    xs.reduce((x) => x.tanh(), xs[0]).toTypedArray();
    xs.reduce((x, _, i) => x.mul(i).add(1).tanh(), xs[0]).toTypedArray();
    expect(programs.length).toBeGreaterThan(3);
    for (const { inputs, parameters, constants, instructions } of programs) {
      expect(inputs + parameters + constants.length + instructions.length).toBeLessThanOrEqual(48);
      expect(inputs).toBeLessThanOrEqual(7);
    }
  });

  test('nothing is computed more than twice, however many read it', () => {
    const x = ones([1000]);
    const before = flopsSoFar();
    const y = x.tanh().tanh().tanh();
    const readers = Array.from({ length: 5 }, (_, i) => y.add(i));
    for (const reader of readers) reader.toTypedArray();
    // Once inside the first reader, once for good, and one addition each.
    expect(flopsSoFar() - before).toBe(1000 * (3 + 3 + 5));
  });

  test('what an op reads twice is computed once', () => {
    const x = ones([1000]);
    const before = flopsSoFar();
    const y = x.tanh();
    y.mul(y).toTypedArray();
    expect(flopsSoFar() - before).toBe(1000 * 2);
  });

  test('what nobody reads is never computed', () => {
    const before = flopsSoFar();
    ones([1000]).tanh().exp();
    expect(flopsSoFar() - before).toBe(0);
  });
});

describe('long chains', () => {
  const length = 100_000;

  test('100,000 ops forward and backward, without running out of stack', () => {
    const x = tensor([0.5, -0.25], { dtype: 'float64', requiresGrad: true });
    let y: Tensor = x;
    for (let i = 0; i < length; i++) y = i % 2 === 0 ? y.add(x.mul(1e-6)) : y.mul(0.99999);
    y.sum().backward();
    const slope = numbersOf(y.detach()).map((value, i) => value / numbersOf(x)[i]);
    const [first, second] = numbersOf(x.grad as Tensor);
    expect(first).toBeCloseTo(slope[0], 9);
    expect(second).toBeCloseTo(slope[1], 9);
  });

  test('100,000 ops without recording', () => {
    const y = noGrad(() => {
      let sum = tensor([0], { dtype: 'float64' });
      for (let i = 0; i < length; i++) sum = sum.add(1);
      return sum;
    });
    expect(y.item()).toBe(length);
  });
});

test('float32 results differ from float64 by rounding alone', () => {
  holds(
    'float32',
    (g) => {
      const { leaves, run, code } = drawExpression(g, { vocabulary: { ...smooth, ...views, ...mixing } });
      const exact = run(leaves).map(numbersOf);
      const single = run(leaves.map((leaf) => leaf.to('float32')));
      single.forEach((result, i) => {
        expect(result.dtype, code).toBe('float32');
        numbersOf(result).forEach((value, k) => {
          expect(Math.abs(value - exact[i][k]), code).toBeLessThan(1e-5);
        });
      });
    },
    50,
  );
});

/** Every op agrees with PyTorch: value, gradient, and the gradient of the gradient, in float64. */
import { describe, expect, test } from 'vitest';
import { differentiable, ops } from '../properties/op-list.ts';
import { expectAllNear, expectNear, type Golden, readGoldens, replay } from './goldens.ts';

const goldens = readGoldens<Golden[]>('ops.json');

/** Of the largest magnitude in what is compared, or of 1. An exponential of ±1000 carries a rounding of 1e-13. */
const bounds = { value: 1e-13, gradient: 1e-12, second: 1e-12 };

describe('the goldens and the ops', () => {
  test('are of the same names: a new op needs a golden (a call in ops.py, then make.py)', () => {
    expect([...new Set(goldens.map(({ op }) => op))].sort()).toEqual(ops.map(([name]) => name).sort());
  });

  test('cover every op with two calls, and both orders of every op with a derivative', () => {
    const calls = (name: string): number => goldens.filter(({ op }) => op === name).length;
    expect(ops.map(([name]) => name).filter((name) => calls(name) < 2)).toEqual([]);
    const recorded = new Set(goldens.filter(({ second }) => second).map(({ op }) => op));
    expect(differentiable.map(([name]) => name).filter((name) => !recorded.has(name))).toEqual([]);
  });
});

describe.each(ops)('%s', (name, op) => {
  test.each(goldens.filter((golden) => golden.op === name))('$case', (golden) => {
    const found = replay(op, golden);
    expectNear(found.output, golden.output, bounds.value, 'value');
    expect(found.output.requiresGrad).toBe(golden.gradients !== undefined);
    expectAllNear(found.gradients, golden.gradients, bounds.gradient, 'gradient');
    expectAllNear(found.recorded, golden.gradients, bounds.gradient, 'recorded gradient');
    expectAllNear(found.second, golden.second, bounds.second, 'second derivative');
  });
});

/** Updates in place: what an optimizer does to parameters and moments, in WebAssembly and in the reference. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { input, parameter } from '../../kernels/pointwise/expression.ts';
import { compileTogether } from '../../kernels/pointwise/program.ts';
import { update } from '../../kernels/pointwise/reference.ts';
import { simdPointwise } from '../../kernels/pointwise/simd.ts';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { watch } from './machines.ts';
import { packedView } from './views.ts';

const { expectParity, machines } = watch(simdPointwise);

const [x, v, g] = [input(0), input(1), input(2)];
/** Momentum: v ← v / 2 + g, x ← x − p v. Over whole numbers a float32 holds all of it exactly. */
const velocity = v.mul(0.5).add(g);
const momentum = compileTogether([x.sub(velocity.mul(parameter(0))), velocity], 3, 1);

function wholeNumbers(count: number, seed: number): HostView {
  const random = new Random(seed);
  return packedView([count], 0, () => random.int(17) - 8);
}

const counts = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.constantFrom(1023, 1024, 1025, 5000, 16_384, 40_001),
);

describe('an update', () => {
  test('writes every result over its target, once, from the old numbers', () => {
    fc.assert(
      fc.property(counts, fc.nat(), (count, seed) => {
        const [parameters, moments, gradient] = [0, 1, 2].map((k) => wholeNumbers(count, seed + k));
        const targets = [parameters, moments];
        const args = [momentum, [parameters, moments, gradient], [0.25], targets];
        const [newParameters, newMoments] = expectParity('update', args, { absolute: 0, results: targets });
        const at = count - 1;
        const expected = moments.buffer[at] * 0.5 + gradient.buffer[at];
        expect(newMoments[at]).toBe(expected);
        expect(newParameters[at]).toBe(parameters.buffer[at] - expected * 0.25);
      }),
      { numRuns: 40 },
    );
  });

  test('may write elsewhere than it reads', () => {
    const [parameters, moments, gradient, fresh] = [0, 1, 2, 3].map((k) => wholeNumbers(77, k));
    const targets = [fresh, moments];
    const args = [momentum, [parameters, moments, gradient], [0.25], targets];
    const [written] = expectParity('update', args, { absolute: 0, results: targets });
    expect(written[5]).toBe(parameters.buffer[5] - (moments.buffer[5] * 0.5 + gradient.buffer[5]) * 0.25);
  });

  test('exchanges two buffers', () => {
    const exchange = compileTogether([v, x], 2, 0);
    const [first, second] = [0, 1].map((k) => wholeNumbers(1030, k));
    const targets = [first, second];
    const found = expectParity('update', [exchange, targets, [], targets], { absolute: 0, results: targets });
    expect([...found[0].subarray(0, 1030)]).toEqual([...second.buffer.subarray(0, 1030)]);
    expect([...found[1].subarray(0, 1030)]).toEqual([...first.buffer.subarray(0, 1030)]);
  });

  test('is one launch', () => {
    const before = machines[0].launches;
    const targets = [0, 1].map((k) => wholeNumbers(40_000, k));
    const args = [momentum, [...targets, wholeNumbers(40_000, 2)], [0.25], targets];
    expectParity('update', args, { absolute: 0, results: targets });
    expect(machines[0].launches - before).toBe(1);
  });

  test('of nothing is nothing', () => {
    const targets = [0, 1].map((k) => wholeNumbers(0, k));
    const args = [momentum, [...targets, wholeNumbers(0, 2)], [0.25], targets];
    expectParity('update', args, { absolute: 0, results: targets });
  });

  test('in float64 is left to the reference, which reads each block before it writes it', () => {
    const count = 3000;
    const random = new Random(9);
    const [parameters, moments, gradient] = [0, 1, 2].map(
      (): HostView => ({
        buffer: Float64Array.from({ length: count }, () => random.normal()),
        dtype: 'float64',
        shape: [count],
        strides: [1],
        offset: 0,
      }),
    );
    const old = [parameters, moments, gradient].map(({ buffer }) => buffer.slice());
    const args = [momentum, [parameters, moments, gradient], [0.25], [parameters, moments]] as const;
    expect(() => expectParity('update', args, { absolute: 0 })).toThrow(/update was left to other kernels/);
    update(...args);
    for (let i = 0; i < count; i++) {
      const expected = old[1][i] * 0.5 + old[2][i];
      expect(moments.buffer[i]).toBe(expected);
      expect(parameters.buffer[i]).toBe(old[0][i] - expected * 0.25);
    }
  });
});

test('a program of several results computes what they share once', () => {
  const shared = x.exp();
  const program = compileTogether([shared.add(1), shared.mul(v), shared], 2, 0);
  expect(program.instructions.map(({ fn }) => fn)).toEqual(['exp', 'add', 'mul']);
  expect(program.results).toHaveLength(3);
  expect(compileTogether([shared.add(1), shared.mul(v), shared], 2, 0)).toBe(program);
  expect(compileTogether([shared], 2, 0)).not.toBe(compileTogether([shared], 1, 0));
});

/** Updates in place on the GPU: what an optimizer does to parameters and moments. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { input, parameter } from '../../kernels/pointwise/expression.ts';
import { compileTogether } from '../../kernels/pointwise/program.ts';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { onGpu } from './gpu-parity.ts';
import { resultOf } from './views.ts';

const [x, v, g] = [input(0), input(1), input(2)];
/** Momentum: v ← v / 2 + g, x ← x − p v. Over whole numbers a float32 holds all of it exactly. */
const velocity = v.mul(0.5).add(g);
const momentum = compileTogether([x.sub(velocity.mul(parameter(0))), velocity], 3, 1);

function wholeNumbers(shape: readonly number[], seed: number): HostView {
  const random = new Random(seed);
  const view = resultOf(shape, 'float32');
  return { ...view, buffer: view.buffer.map(() => random.int(17) - 8) };
}

onGpu('an update', (gpu) => {
  test('writes every result over its target, from the old numbers, in a launch each', () => {
    const shapes = fc.constantFrom([0], [], [1], [7], [1023], [64, 65], [3, 4, 5]);
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const [parameters, moments, gradient] = [0, 1, 2].map((k) => wholeNumbers(shape, seed + k));
        const targets = [parameters, moments];
        const before = gpu.machine.counters.launches;
        const args = [momentum, [parameters, moments, gradient], [0.25], targets];
        gpu.expectParity('update', args, { absolute: 0, results: targets });
        expect(gpu.machine.counters.launches - before).toBe(parameters.buffer.length > 0 ? 2 : 0);
      }),
      { numRuns: 20 },
    );
  });

  test('may write elsewhere than it reads', () => {
    const [parameters, moments, gradient, fresh] = [0, 1, 2, 3].map((k) => wholeNumbers([77], k));
    const targets = [fresh, moments];
    const args = [momentum, [parameters, moments, gradient], [0.25], targets];
    gpu.expectParity('update', args, { absolute: 0, results: targets });
  });

  test('exchanges two buffers', () => {
    const targets = [0, 1].map((k) => wholeNumbers([1030], k));
    const args = [compileTogether([v, x], 2, 0), targets, [], targets];
    const found = gpu.expectParity('update', args, { absolute: 0, results: targets });
    expect(found).toEqual([targets[1].buffer, targets[0].buffer]);
  });

  test('leaves no texture behind', () => {
    const targets = [0, 1].map((k) => wholeNumbers([500], k));
    const args = [momentum, [...targets, wholeNumbers([500], 2)], [0.25], targets];
    const run = (): void => void gpu.expectParity('update', args, { absolute: 0, results: targets });
    run();
    const { textures } = gpu.machine.counters;
    for (let i = 0; i < 5; i++) run();
    expect(gpu.machine.counters.textures).toBe(textures);
  });

  test('of part of a buffer is left to the host', () => {
    const parameters = wholeNumbers([8], 1);
    const part = { ...parameters, shape: [5] };
    const args = [compileTogether([x.neg()], 1, 0), [part], [], [part]];
    expect(() => gpu.expectParity('update', args, { absolute: 0, results: [part] })).toThrow(
      'left to the host',
    );
    const [found] = gpu.run('update', args, [part]);
    expect([...found]).toEqual([...parameters.buffer].map((value, i) => (i < 5 ? -value : value)));
  });
});

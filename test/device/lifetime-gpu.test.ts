import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { gpuDevice } from '../../src/device/gpu.ts';
import { GlMachine } from '../../src/device/gpu-machine.ts';
import { GlContext, loadGpuJs } from '../../src/device/gpujs.ts';
import { reference } from '../../src/device/reference.ts';
import { inScope } from '../../src/device/scope.ts';
import { type Tensor, tensor, zeros } from '../../src/index.ts';
import { gpuHere } from '../gpu-here.ts';
import { trainingLosses } from './fixtures.ts';

describe.skipIf(!gpuHere.available)('on the GPU', () => {
  let context: GlContext;
  let machine: GlMachine;
  let device: Device;

  beforeAll(async () => {
    context = GlContext.open(await loadGpuJs(), gpuHere.mode);
  });
  afterAll(() => context?.lose());

  const start = (looseBytes?: number): void => {
    machine = new GlMachine(context, looseBytes === undefined ? {} : { looseBytes });
    device = gpuDevice(machine);
  };

  // Both round to float32 at each step, the reference sums in float64: see training-step.test.ts.
  test('a thousand training steps need what the third one needed, compile nothing, and learn as the reference', () => {
    start();
    const counts: string[] = [];
    const losses = trainingLosses(device, 1000, () => {
      const { textures, textureBytes, compiled } = machine.counters;
      counts.push(`${textures} textures of ${textureBytes} bytes, ${compiled} kernels`);
    });
    expect(new Set(counts.slice(2))).toEqual(new Set([counts[2]]));
    const expected = trainingLosses(reference, 300);
    for (const [step, loss] of expected.entries()) {
      expect(Math.abs(losses[step] - loss) / Math.max(1, loss)).toBeLessThan(2e-6);
    }
  }, 120_000);

  test('what a scope made is given back at its end', () => {
    start();
    const x = tensor([1, 2, 3], { device });
    const run = (): number => inScope(() => x.mul(2).exp().softmax().square().sum().item());
    const first = run();
    const { textures } = machine.counters;
    for (let i = 0; i < 50; i++) expect(run()).toBe(first);
    expect(machine.counters.textures).toBe(textures);
  });

  const SIDE = 256;
  const [BYTES, STEPS] = [4 * SIDE * SIDE, 400];

  /** A step of a user's own loop, outside any scope: five results, of which the host knows nothing. */
  function step(weight: Tensor, i: number): number {
    let x = weight.mul(0).add(i);
    for (let k = 0; k < 5; k++) {
      x = x.mul(0.5).add(weight);
      x.storage.settle();
    }
    return x.slice(0, 0, 1).slice(1, 0, 1).item();
  }

  test('a loop that waits once a step is freed of what it made, without reading it back', async () => {
    start();
    const weight = zeros([SIDE, SIDE], { device });
    let most = 0;
    for (let i = 0; i < STEPS; i++) {
      expect(step(weight, i)).toBe(i / 32);
      most = Math.max(most, machine.counters.textureBytes);
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect(most).toBeLessThan(100e6); // of 500 megabytes
    expect(machine.counters.readbacks).toBeLessThanOrEqual(STEPS);
  });

  test('a loop that never waits is too, and what is still in use comes back unchanged', () => {
    start(40 * BYTES);
    const weight = zeros([SIDE, SIDE], { device }).add(0.5);
    const kept = tensor([1, 2, 3], { device }).add(1);
    const pending = kept.mul(10);
    kept.storage.settle();
    let most = 0;
    for (let i = 0; i < 300; i++) {
      expect(step(weight, i)).toBe(i / 32 + 0.5 * (1 + 1 / 2 + 1 / 4 + 1 / 8 + 1 / 16));
      most = Math.max(most, machine.counters.textureBytes);
    }
    expect(most).toBeLessThan(60 * BYTES);
    expect(kept.toArray()).toEqual([2, 3, 4]);
    expect(pending.toArray()).toEqual([20, 30, 40]);
  });

  test('what is in use all the time is not moved out again and again', () => {
    start(4 * BYTES);
    const weights = Array.from({ length: 10 }, (_, i) => {
      const weight = zeros([SIDE, SIDE], { device }).add(i);
      weight.storage.settle();
      return weight;
    });
    const before = machine.counters.readbacks;
    for (let i = 0; i < 30; i++) {
      const total = inScope(() =>
        weights
          .reduce((sum, weight) => sum.add(weight))
          .slice(0, 0, 1)
          .slice(1, 0, 1)
          .item(),
      );
      expect(total).toBe(45);
      zeros([1], { device });
    }
    expect(machine.counters.readbacks - before - 30).toBeLessThan(40);
  });
});

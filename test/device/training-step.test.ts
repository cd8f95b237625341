import { beforeAll, describe, expect, test } from 'vitest';
import { simdDevice } from '../../src/device/cpu.ts';
import { reference } from '../../src/device/reference.ts';
import { cpuMachine, devices, trainingLosses } from './fixtures.ts';

describe('the same training on every device', () => {
  let expected: number[];
  beforeAll(() => {
    expected = trainingLosses(reference, 300);
  });

  test('the reference learns', () => {
    expect(expected[0]).toBeGreaterThan(2);
    expect(expected[299]).toBeLessThan(0.1);
  });

  // The reference sums in float64, the others round to float32 (6e-8) at each step. The descent is smooth: with four
  // times the step size it overshoots, and then roundings grow without bound on any device.
  test.each(Object.keys(devices))('%s: five losses agree to 5e-7', async (name) => {
    const losses = trainingLosses(await devices[name](), 5);
    losses.forEach((loss, step) => {
      expect(Math.abs(loss - expected[step]) / expected[step]).toBeLessThan(5e-7);
    });
  });

  test('cpu: 300 steps agree to 5e-7 and hold the memory that the first one held', () => {
    const machine = cpuMachine();
    const { memory } = machine;
    const live: number[] = [];
    const size: number[] = [];
    const losses = trainingLosses(simdDevice(machine), 300, () => {
      live.push(memory.liveBytes);
      size.push(memory.memory.buffer.byteLength);
    });
    // A loss is what is left of logits around 1 and above, with their roundings, however small it becomes.
    losses.forEach((loss, step) => {
      expect(Math.abs(loss - expected[step]) / Math.max(1, expected[step])).toBeLessThan(5e-7);
    });
    expect(live[2]).toBeGreaterThan(0);
    expect(new Set(live.slice(2))).toEqual(new Set([live[2]]));
    expect(size[299]).toBe(size[2]);
  });
});

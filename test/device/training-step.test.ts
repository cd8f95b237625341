import { beforeAll, describe, expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import { wasmDevice } from '../../src/device/wasm.ts';
import { WasmMemory } from '../../src/device/wasm-memory.ts';
import { devices, trainingLosses } from './fixtures.ts';

describe('the same training on every device', () => {
  let expected: number[];
  beforeAll(() => {
    expected = trainingLosses(cpu, 300);
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

  test('wasm: 300 steps agree to 2e-6 and hold the memory that the first one held', () => {
    const memory = new WasmMemory();
    const live: number[] = [];
    const size: number[] = [];
    const losses = trainingLosses(wasmDevice(memory), 300, () => {
      live.push(memory.liveBytes);
      size.push(memory.memory.buffer.byteLength);
    });
    losses.forEach((loss, step) => {
      expect(Math.abs(loss - expected[step]) / expected[step]).toBeLessThan(2e-6);
    });
    expect(live[2]).toBeGreaterThan(0);
    expect(new Set(live.slice(2))).toEqual(new Set([live[2]]));
    expect(size[299]).toBe(size[2]);
  });
});

/** A page whose GPU is used: that it is there, and that it trains as the cpu device does. */
import { expect, inject, test } from 'vitest';
import { startGpu } from '../../src/device/gpu.ts';
import { addDevice } from '../../src/device/use-device.ts';
import { currentDevice, useDevice } from '../../src/index.ts';
import { gpuHere } from '../gpu-here.ts';
import { trainTiny } from './tiny-training.ts';

/** Later, tokens near a tie go other ways. */
const STEPS = 3;
/** A step takes 0.2 off the loss; rounding has been seen to change it by 0.00006, and the norm of gradients by 0.0005. */
const BOUNDS = { trainLoss: 1e-3, auxiliaryLoss: 1e-3, densitySampled: 1e-3, gradNorm: 5e-3 } as const;

addDevice('gpu of this page', () => startGpu([gpuHere.mode]));

test('the gpu device runs, and says what draws', async () => {
  const { running, renderer, reason } = await useDevice('gpu of this page', { fallback: 'error' });
  expect(running).toBe('gpu');
  expect(renderer).toMatch(/./);
  expect(reason).toContain(gpuHere.mode === 'webgl2' ? 'WebGL 2 through gpu.js' : 'WebGL 1 through gpu.js');
});

test('training on it has the losses of the cpu device', async () => {
  await useDevice('gpu of this page', { fallback: 'error' });
  const { curve } = await trainTiny(STEPS);
  expect(currentDevice().counters?.().launches).toBeGreaterThan(0);
  const expected = inject('trained').curve.slice(0, STEPS);
  expect(curve).toHaveLength(STEPS);
  for (const figure of ['trainLoss', 'auxiliaryLoss', 'densitySampled', 'gradNorm'] as const) {
    const off = curve.map((row, step) => Math.abs(row[figure] - expected[step][figure]));
    expect(Math.max(...off), `${figure}: off by ${off.join(', ')}`).toBeLessThan(BOUNDS[figure]);
  }
}, 120_000);

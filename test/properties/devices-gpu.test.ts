/**
 * On the GPU, values and gradients of every op are those of the reference but for rounding. Every new shape is compiled, so
 * each op is tried on a few fixed cases; HOPGRAD_CASES=1000 tries 50 random ones.
 */
import { beforeAll, describe, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { startGpu } from '../../src/device/gpu.ts';
import { gpuHere } from '../gpu-here.ts';
import { agreesWithReference, inFloat32 } from './on-device.ts';
import { drawCase } from './op-case.ts';
import { holds } from './runs.ts';

describe.skipIf(!gpuHere.available)('on the GPU, values and gradients are those of the reference', () => {
  let gpu: Device;
  beforeAll(async () => {
    gpu = await startGpu([gpuHere.mode]);
  });

  test.each(inFloat32)('%s', (name, op) => {
    holds(name, (g) => agreesWithReference(name, drawCase(op, g), gpu), { cases: 3, fixed: true });
  });
});

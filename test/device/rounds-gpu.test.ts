/** Work for which a texel would go round its loops more often than a driver lets it is left to the host, and right. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { startGpu } from '../../src/device/gpu.ts';
import { ones, Random, randn, type Tensor } from '../../src/index.ts';
import { gpuHere } from '../gpu-here.ts';

describe.skipIf(!gpuHere.available)('what takes very many rounds', () => {
  let gpu: Device;
  beforeAll(async () => {
    gpu = await startGpu([gpuHere.mode]);
  });

  test('a product over 2²⁰ elements', () => {
    const x = ones([1, 2 ** 20], { device: gpu });
    expect(x.matmul(x.transpose(0, 1)).item()).toBe(2 ** 20);
  });

  test('attention over 140,000 keys, and of 70,000 queries', () => {
    const mean = (keys: number, queries: number): Tensor => {
      const [key, value] = [
        ones([1, 1, keys, 4], { device: gpu }),
        randn([1, 1, keys, 4], new Random(1), { device: gpu }),
      ];
      const query = ones([1, 1, queries, 4], { device: gpu });
      key.requiresGrad = true;
      value.requiresGrad = true;
      const out = query.scaledDotProductAttention(key, value);
      out.sum().backward();
      return value.grad as Tensor;
    };
    // Every key has the same weight: a query gives 1 / keys of its gradient to each value.
    for (const [keys, queries] of [[140_000, 1], [4, 70_000]]) {
      const slopes = mean(keys, queries).toTypedArray() as Float32Array;
      const worst = slopes.reduce((most, slope) => Math.max(most, Math.abs(slope - queries / keys)), 0);
      expect(worst).toBeLessThan((1e-6 * queries) / keys);
    } // biome-ignore format: a list
  });
});

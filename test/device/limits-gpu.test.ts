/**
 * Sizes at which GPUs and gpu.js have limits: loops of 1,000 (gpu.js by itself ends them there), textures 8,192 or 16,384
 * wide, 65,535 rounds of all loops of a fragment (one driver in software ends them there, in silence), 2²⁴ elements.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { startGpu } from '../../src/device/gpu.ts';
import { reference } from '../../src/device/reference.ts';
import { inScope } from '../../src/device/scope.ts';
import { fromTypedArray, gradients, ones, Random, type Tensor } from '../../src/index.ts';
import { gpuHere } from '../gpu-here.ts';

const MOST = 2 ** 24;

/** Ops that go along rows, of x (2, n). */
const alongRows: Readonly<Record<string, (x: Tensor, weights: Tensor) => Tensor>> = {
  add: (x) => x.add(1),
  'transpose and add': (x) => x.transpose(0, 1).add(1),
  sum: (x) => x.sum(-1),
  max: (x) => x.max(-1),
  argmax: (x) => x.argmax(-1),
  softmax: (x) => x.softmax(),
  logSoftmax: (x) => x.logSoftmax(),
  cumsum: (x) => x.cumsum(-1),
  layerNorm: (x, weights) => x.layerNorm(weights, weights),
  crossEntropy: (x) =>
    x.crossEntropy(fromTypedArray(Int32Array.of(0, x.shape[1] - 1), [2], { device: x.device })),
  'x xᵀ': (x) => x.matmul(x.transpose(0, 1)),
  'xᵀ x at one row': (x) => x.slice(1, 0, 3).transpose(0, 1).matmul(x),
  'rows of xᵀ, reversed': (x) => {
    const n = x.shape[1];
    const index = Int32Array.from({ length: n }, (_, i) => n - 1 - i);
    return x.transpose(0, 1).gatherRows(fromTypedArray(index, [n], { device: x.device }));
  },
  'the gradient of rows sent to one place': (x) => {
    const n = x.shape[1];
    const source = x.transpose(0, 1).detach();
    return source.scatterAddRows(fromTypedArray(new Int32Array(n), [n], { device: x.device }), 3);
  },
  attention: (x) => {
    const heads = x.reshape([1, 1, x.shape[1], 2]);
    return heads.slice(2, 0, 2).scaledDotProductAttention(heads, heads, { causal: false });
  },
};

describe.skipIf(!gpuHere.available)('around every limit the GPU computes what the reference computes', () => {
  let gpu: Device;
  beforeAll(async () => {
    gpu = await startGpu([gpuHere.mode]);
  });

  describe.each(Object.entries(alongRows))('%s', (_, op) => {
    test.each([1001, 8193, 16_385, 70_000])('of rows of %i', (n) => {
      const random = new Random(n);
      const data = new Float32Array(2 * n);
      random.fillNormal(data);
      const weights = data.slice(0, n);
      const on = (device: Device): number[] => {
        const x = fromTypedArray(data, [2, n], { device });
        return [...op(x, fromTypedArray(weights, [n], { device })).toTypedArray()];
      };
      const [found, expected] = [on(gpu), on(reference)];
      expect(found).toHaveLength(expected.length);
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      const off = expected.reduce((most, value, i) => Math.max(most, Math.abs(found[i] - value)), 0);
      expect(off).toBeLessThanOrEqual(2e-6 * largest);
    });
  });

  test('2²⁴ elements are the most', () => {
    inScope(() => {
      const x = ones([MOST], { device: gpu });
      x.requiresGrad = true;
      const sum = x.mul(3).sum();
      expect(sum.item()).toBe(3 * MOST);
      const slope = gradients(sum, [x])[0].toTypedArray();
      expect(slope.every((value) => value === 3)).toBe(true);
    });
    expect(() => ones([MOST + 1], { device: gpu })).toThrow(/a tensor of 16777217 elements is too large/);
  });

  test('NaN passes through a choice by a comparison, which drivers would like to be a maximum', () => {
    const x = fromTypedArray(Float32Array.of(Number.NaN, 1, -1), [3], { device: gpu });
    expect(x.relu().toArray()).toEqual([Number.NaN, 1, 0]);
    expect(x.clamp(0, 0.5).toArray()).toEqual([Number.NaN, 0.5, 0]);
    expect(x.clamp(undefined, 0.5).toArray()).toEqual([Number.NaN, 0.5, -1]);
  });

  test('whole numbers are compared to the last digit with numbers that floats cannot hold', () => {
    const x = fromTypedArray(Int32Array.of(2 ** 24), [1], { device: gpu });
    expect(x.eq(2 ** 24 + 1).toArray()).toEqual([0]);
    expect(x.lt(2 ** 24 + 1).toArray()).toEqual([1]);
  });
});

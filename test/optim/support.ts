/** What the optimizer tests share: parameters and gradients from a seed, and comparison with loops over numbers. */
import '../../src/assemble.ts';
import { expect } from 'vitest';
import type { Optimizer } from '../../src/optim/optimizer.ts';
import { fromTypedArray } from '../../src/tensor/create.ts';
import { Random } from '../../src/tensor/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

export type Floating = 'float32' | 'float64';

export const dtypes: readonly Floating[] = ['float32', 'float64'];
export const shapes: readonly (readonly number[])[] = [[], [5], [3, 4], [1, 6], [4, 1], [2, 3, 4]];
/** Every shape in every type. */
export const cases = dtypes.flatMap((dtype) => shapes.map((shape) => ({ dtype, shape })));

/** How far a result may be from float64 arithmetic: some roundings of numbers of size 1. */
const tolerance: Record<Floating, number> = { float32: 1e-6, float64: 1e-13 };

/** Normal numbers that float32 holds exactly, so that both types start from the same. */
export function draw(count: number, seed: number): number[] {
  const data = new Float32Array(count);
  new Random(seed).fillNormal(data);
  return [...data];
}

export function make(values: readonly number[], shape: readonly number[], dtype: Floating): Tensor {
  const data = dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
  return fromTypedArray(data, shape);
}

export function parameterOf(values: readonly number[], shape: readonly number[], dtype: Floating): Tensor {
  const parameter = make(values, shape, dtype);
  parameter.requiresGrad = true;
  return parameter;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Starting values and one gradient per step; the steps differ in scale, so that averages lag behind. */
export function problem(
  shape: readonly number[],
  steps: number,
): { start: number[]; gradients: number[][]; rates: number[] } {
  const size = sizeOf(shape);
  const scales = [1, 0.25, 4, 0.5, 2, 1, 0.125];
  return {
    start: draw(size, 1),
    gradients: Array.from({ length: steps }, (_, t) => draw(size, 10 + t).map((g) => g * scales[t % 7])),
    rates: Array.from({ length: steps }, (_, t) => 0.1 / (t + 1)),
  };
}

/** Hands each gradient to the parameter and steps. */
export function play(
  optimizer: Optimizer,
  parameter: Tensor,
  gradients: readonly (readonly number[])[],
  rates: readonly number[],
): void {
  gradients.forEach((gradient, t) => {
    parameter.grad = make(gradient, parameter.shape, parameter.dtype as Floating);
    optimizer.step(rates[t]);
  });
}

export function expectClose(actual: Tensor, expected: readonly number[]): void {
  const bound = tolerance[actual.dtype as Floating];
  const values = [...actual.toTypedArray()];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    const error = Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i]));
    expect(error, `element ${i}: ${value} instead of ${expected[i]}`).toBeLessThanOrEqual(bound);
  });
}

/** Every bit of a tensor. */
export function bitsOf(x: Tensor): Uint8Array {
  return new Uint8Array(x.toTypedArray().buffer);
}

export function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

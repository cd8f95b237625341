/** A case of an op on a device: its values and gradients, and how far they are from the reference's. */
import { expect } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { fromTypedArray, gradients, Random, randn, type Tensor } from '../../src/index.ts';
import { largest, numbersOf } from './derivatives.ts';
import { isFloating, type OpCase } from './op-case.ts';
import { ops } from './op-list.ts';
import { measured } from './runs.ts';

/**
 * The call of a case on a device: its result, its gradients for a fixed cotangent (from the kernels, and recorded, which
 * takes fused ops through their composites), and the gradients of their squares' sum.
 */
export function onDevice(
  { call }: OpCase,
  device: Device,
  convert: (x: Tensor) => Tensor = (x) => x,
): Tensor[] {
  const leaves = new Map<Tensor, Tensor>();
  const moved = (x: Tensor): Tensor => {
    const given = convert(x);
    const copy = leaves.get(x) ?? fromTypedArray(given.toTypedArray(), x.shape, { device });
    copy.requiresGrad = isFloating(copy);
    leaves.set(x, copy);
    return copy;
  };
  const result = call(moved);
  const inputs = [...leaves.values()].filter(({ requiresGrad }) => requiresGrad);
  if (!result.requiresGrad) return [result];
  const cotangent = randn(result.shape, new Random(1), { dtype: result.dtype, device });
  const kernel = gradients(result, inputs, { gradient: cotangent, retainGraph: true });
  const first = gradients(result, inputs, { gradient: cotangent, createGraph: true });
  const slope = first.map((g) => g.square().sum()).reduce((sum, part) => sum.add(part));
  return [result, ...kernel, ...first, ...(slope.requiresGrad ? gradients(slope, inputs) : [])];
}

/** Ops that are told a type, float64 among others. */
const told = ['oneHot', 'to'];

/** Ops that every device can do on what the properties draw. */
export const inFloat32: typeof ops = ops.filter(([name]) => !told.includes(name));

/** The error that is allowed, of the largest number compared, or of 1. */
const BOUND = 1e-5;

const single = (x: Tensor): Tensor => (isFloating(x) ? x.to('float32') : x);

/** Expects a case's values and gradients in float32 on a device to be those of the reference in float64, but for rounding. */
export function agreesWithReference(name: string, drawn: OpCase, device: Device): void {
  const exact = onDevice(drawn, reference).slice(0, 1 + 2 * drawn.leaves.length);
  const there = onDevice(drawn, device, single).slice(0, exact.length);
  there.forEach((x, i) => {
    const expected = numbersOf(exact[i]);
    const rounds = isFloating(exact[i]) && !(i === 0 && told.includes(name));
    const dtype = rounds ? 'float32' : exact[i].dtype;
    expect([x.dtype, x.shape, x.device.name], drawn.code).toEqual([dtype, exact[i].shape, device.name]);
    const difference = largest(numbersOf(x).map((value, k) => value - expected[k]));
    const error = difference / Math.max(1, largest(expected));
    measured(i === 0 ? 'value' : 'gradient', error);
    // Whole numbers and truth values have no rounding.
    expect(error, drawn.code).toBeLessThanOrEqual(isFloating(x) ? BOUND : 0);
  });
}

/** A case of an op on a device: its values and gradients, and how far they are from the reference's. */
import { expect } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { fromTypedArray, gradients, Random, randn, type Tensor } from '../../src/index.ts';
import { largest, numbersOf } from './derivatives.ts';
import { isFloating, type OpCase } from './op-case.ts';
import { differentiable } from './op-list.ts';

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

/** Ops whose result has the type of their arguments. */
export const comparable: typeof differentiable = differentiable.filter(([name]) => name !== 'to');

const single = (x: Tensor): Tensor => (isFloating(x) ? x.to('float32') : x);

/** Expects a case's values and gradients in float32 on a device to be those of the reference in float64, but for rounding. */
export function agreesWithReference(drawn: OpCase, device: Device): void {
  const exact = onDevice(drawn, reference).slice(0, 1 + 2 * drawn.leaves.length);
  const there = onDevice(drawn, device, single).slice(0, exact.length);
  there.forEach((x, i) => {
    const expected = numbersOf(exact[i]);
    expect([x.dtype, x.shape, x.device.name], drawn.code).toEqual(['float32', exact[i].shape, device.name]);
    const error = largest(numbersOf(x).map((value, k) => value - expected[k]));
    expect(error, drawn.code).toBeLessThan(1e-5 * Math.max(1, largest(expected)));
  });
}

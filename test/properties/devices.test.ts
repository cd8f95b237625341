/**
 * An op runs where its arguments live: result and gradients are on their device, nothing on the way is made elsewhere,
 * and every element is written before it is read. And a device is another way to compute the same numbers.
 */
import { describe, expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import type { Device, TypedArray } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { fromTypedArray, gradients, Random, randn, type Tensor } from '../../src/index.ts';
import { largest, numbersOf } from './derivatives.ts';
import { drawCase, isFloating, type OpCase } from './op-case.ts';
import { differentiable, ops } from './op-list.ts';
import { holds } from './runs.ts';

/**
 * The call of a case on a device: its result, its gradients for a fixed cotangent (from the kernels, and recorded, which
 * takes fused ops through their composites), and the gradients of their squares' sum.
 */
function onDevice({ call }: OpCase, device: Device, convert: (x: Tensor) => Tensor = (x) => x): Tensor[] {
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

/** The reference under another name, whose fresh memory is full of what must never be read. */
const elsewhere: Device = {
  ...reference,
  name: 'elsewhere',
  allocate: (dtype, length) => {
    const buffer = reference.allocate(dtype, length) as TypedArray;
    buffer.fill(dtype === 'float32' || dtype === 'float64' ? Number.NaN : 77);
    return buffer;
  },
};

describe('result, gradients and their gradients are on the device of the arguments', () => {
  test.each(ops)('%s', (name, op) => {
    holds(name, (g) => {
      const drawn = drawCase(op, g);
      const there = onDevice(drawn, elsewhere);
      expect([...new Set(there.map((x) => x.device.name))], drawn.code).toEqual(['elsewhere']);
      expect(there.map(numbersOf), drawn.code).toEqual(onDevice(drawn, reference).map(numbersOf));
    });
  });
});

describe('on cpu, values and gradients are those of the reference but for rounding', () => {
  const single = (x: Tensor): Tensor => (isFloating(x) ? x.to('float32') : x);
  test.each(differentiable.filter(([name]) => name !== 'to'))('%s', (name, op) => {
    holds(name, (g) => {
      const drawn = drawCase(op, g);
      const exact = onDevice(drawn, reference).slice(0, 1 + 2 * drawn.leaves.length);
      const there = onDevice(drawn, cpu, single).slice(0, exact.length);
      there.forEach((x, i) => {
        const expected = numbersOf(exact[i]);
        expect([x.dtype, x.shape], drawn.code).toEqual(['float32', exact[i].shape]);
        const error = largest(numbersOf(x).map((value, k) => value - expected[k]));
        expect(error, drawn.code).toBeLessThan(1e-5 * Math.max(1, largest(expected)));
      });
    });
  });
});

/**
 * An op runs where its arguments live: result and gradients are on their device, nothing on the way is made elsewhere,
 * and every element is written before it is read. And a device is another way to compute the same numbers.
 */
import { describe, expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import type { Device, TypedArray } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { numbersOf } from './derivatives.ts';
import { agreesWithReference, onDevice } from './on-device.ts';
import { drawCase } from './op-case.ts';
import { ops } from './op-list.ts';
import { holds } from './runs.ts';

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

describe('in float32 on the reference, values and gradients are its own in float64 but for rounding', () => {
  test.each(ops)('%s', (name, op) => {
    holds(name, (g) => agreesWithReference(name, drawCase(op, g), reference));
  });
});

describe('on cpu, values and gradients are those of the reference but for rounding', () => {
  test.each(ops)('%s', (name, op) => {
    holds(name, (g) => agreesWithReference(name, drawCase(op, g), cpu));
  });
});

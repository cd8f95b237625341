/** exp and tanh as the WebAssembly device computes them, against JavaScript's, over the whole range of float32. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from '../../src/device/wasm.ts';
import { type Device, fromTypedArray, Random, randn, type Tensor, tensor } from '../../src/index.ts';

let wasm: Device;
beforeAll(async () => {
  wasm = await startWasm();
});

const cases: [name: string, apply: (x: Tensor) => Tensor, truth: (x: number) => number, bound: number][] = [
  ['exp', (x) => x.exp(), Math.exp, 2e-7],
  ['tanh', (x) => x.tanh(), Math.tanh, 6e-7],
];

describe.each(cases)('%s', (_, apply, truth, bound) => {
  test(`stays within a relative error of ${bound}`, () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.float({ noNaN: true }),
            fc.float({ min: -90, max: 90, noNaN: true }),
            fc.float({ min: -1, max: 1, noNaN: true }),
          ),
          {
            minLength: 4,
            maxLength: 40,
          },
        ),
        (values) => {
          const x = Float32Array.from(values);
          const y = apply(fromTypedArray(x, [x.length], { device: wasm })).toTypedArray();
          x.forEach((value, i) => {
            const expected = Math.fround(truth(value));
            // Below the normal numbers a float32 has fewer digits.
            const slack = Math.abs(expected) < 1.2e-38 ? 2e-45 : bound * Math.abs(expected);
            if (Number.isFinite(expected)) expect(Math.abs(y[i] - expected)).toBeLessThanOrEqual(slack);
            else expect(y[i]).toBe(expected);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test('keeps NaN, infinities and zeros', () => {
    const x = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
    expect(Array.from(apply(tensor(x, { device: wasm })).toTypedArray())).toEqual(x.map(truth));
  });
});

test('a truth value per row chooses between whole rows, seen through any view', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 4, max: 9 }),
      (seed, rows, width) => {
        const chosen = (device?: Device): Tensor => {
          const random = new Random(seed);
          const mask = fromTypedArray(
            Uint8Array.from({ length: 2 * rows + 1 }, () => random.int(2)),
            [2 * rows + 1, 1],
            { device },
          );
          const [a, b] = [randn([rows, width], random, { device }), randn([rows, width], random, { device })];
          return mask
            .slice(0, 1, 2 * rows + 1, 2)
            .where(a, b)
            .add(1);
        };
        expect(Array.from(chosen(wasm).toTypedArray())).toEqual(Array.from(chosen().toTypedArray()));
      },
    ),
  );
});

/** Small cases, few digits each: what fast-check shrinks them to can be worked through by hand. */
import fc from 'fast-check';
import { fromTypedArray, type Tensor } from 'hopgrad';

/** −3, −2.5, … 3. */
export const someNumber: fc.Arbitrary<number> = fc.integer({ min: -6, max: 6 }).map((half) => half / 2);

export const extent: fc.Arbitrary<number> = fc.integer({ min: 1, max: 4 });

/** Up to three axes, of size 1 to 4. */
export const someShape: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });

/** A float64 tensor of a shape. */
export function tensorOf(
  shape: readonly number[],
  value: fc.Arbitrary<number> = someNumber,
): fc.Arbitrary<Tensor> {
  const size = shape.reduce((product, n) => product * n, 1);
  return fc
    .array(value, { minLength: size, maxLength: size })
    .map((values) => fromTypedArray(Float64Array.from(values), shape));
}

/** A list of truth values of this length, as a bool tensor of a shape. */
export function maskOf(shape: readonly number[]): fc.Arbitrary<Tensor> {
  const size = shape.reduce((product, n) => product * n, 1);
  return fc
    .array(fc.boolean(), { minLength: size, maxLength: size })
    .map((values) => fromTypedArray(Uint8Array.from(values, Number), shape));
}

/** int32 indices from 0 to below `limit`. */
export function indicesOf(shape: readonly number[], limit: number): fc.Arbitrary<Tensor> {
  const size = shape.reduce((product, n) => product * n, 1);
  return fc
    .array(fc.integer({ min: 0, max: limit - 1 }), { minLength: size, maxLength: size })
    .map((values) => fromTypedArray(Int32Array.from(values), shape));
}

/** Only these parts of the cases: a law is shown no more than it speaks of. */
export function pick<T, K extends keyof T>(cases: fc.Arbitrary<T>, ...names: K[]): fc.Arbitrary<Pick<T, K>> {
  return cases.map((given) => Object.fromEntries(names.map((name) => [name, given[name]])) as Pick<T, K>);
}

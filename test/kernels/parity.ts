/** A kernel's results against the float64 reference's: what every dialect is held to. */
import type { DType, Kernels, TypedArray, View } from '../../kernels/contract.ts';
import { reference } from '../../kernels/reference.ts';
import type { HostView } from '../../kernels/strides.ts';

/** How far a result may be from the float64 reference's; what is not finite must be equal. */
export type Bound =
  | {
      /** Of the expected number's size. */
      readonly relative?: number;
      readonly absolute?: number;
      /** Views that the kernel writes to. Default: the last argument. */
      readonly results?: readonly HostView[];
    }
  | {
      /** The slack at a place of a result's buffer. */
      readonly slack: (expected: number, place: number, result: HostView) => number;
      readonly results?: readonly HostView[];
    };

/**
 * Expects a kernel's results to be the float64 reference's within a bound.
 *
 * @returns the results, an array each
 */
export type ExpectParity = (
  name: keyof Kernels<unknown>,
  args: readonly unknown[],
  bound: Bound,
) => TypedArray[];

export function slackAt(bound: Bound, expected: number, place: number, result: HostView): number {
  if ('slack' in bound) return bound.slack(expected, place, result);
  return (bound.absolute ?? 0) + (bound.relative ?? 0) * Math.abs(expected);
}

export function isNear(got: number, expected: number, slack: number, dtype: DType): boolean {
  // What is too large for a float32 is infinite there.
  const rounded = dtype === 'float32' ? Math.fround(expected) : expected;
  if (Number.isFinite(rounded) && Number.isFinite(got)) return Math.abs(got - expected) <= slack;
  return Object.is(got, rounded);
}

/** What the reference computes in float64 from the same numbers, an array for each result. */
export function inFloat64(
  name: keyof Kernels<unknown>,
  args: readonly unknown[],
  results: readonly HostView[],
): TypedArray[] {
  const copies = new Map<HostView, TypedArray>();
  const doubled = ({ dtype, buffer }: HostView): TypedArray =>
    dtype === 'float32' ? Float64Array.from(buffer as Float32Array) : buffer.slice();
  const copy = (view: HostView): HostView => {
    const buffer = copies.get(view) ?? doubled(view); // a view that comes twice is one
    copies.set(view, buffer);
    return { ...view, dtype: view.dtype === 'float32' ? 'float64' : view.dtype, buffer };
  };
  (reference[name] as (...args: unknown[]) => void)(...args.map((arg) => mapViews(arg, copy)));
  return results.map((result) => copies.get(result) as TypedArray);
}

/** A kernel's argument with its views replaced: a view, a list of views, or an object with views as attention's mask. */
export function mapViews(arg: unknown, replace: (view: HostView) => View<unknown>): unknown {
  if (typeof arg !== 'object' || arg === null) return arg;
  if (Array.isArray(arg)) return arg.map((item) => mapViews(item, replace));
  if ('strides' in arg) return replace(arg as HostView);
  if (!('causal' in arg)) return arg;
  return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, mapViews(value, replace)]));
}

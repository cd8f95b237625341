/** Reference kernels for any device: its buffers are opened as host arrays, the reference runs, results go back. */
import type { Kernels, TypedArray, View } from '../../kernels/contract.ts';
import { reference } from '../../kernels/reference.ts';

/** How a device lends its numbers to the host. */
export interface HostAccess<B> {
  /** Called for every buffer before any is read: what `read` gave must not be moved by the next. */
  settle?(buffer: B): void;
  /** The numbers of a buffer: in place where the device can, otherwise a copy; zeros if none were written yet. */
  read(buffer: B): TypedArray;
  /** The kernel has written this array, which `read` gave: make it the buffer's numbers. */
  write(buffer: B, array: TypedArray): void;
}

/** How many of each kernel's arguments (a view, or a list of them), counted from the last, it writes. */
export const written: Record<keyof Kernels<unknown>, number> = {
  pointwise: 1, update: 1, reduce: 1, argReduce: 1, scan: 1, sort: 2, matmul: 1, softmax: 1, softmaxBackward: 1,
  layerNorm: 1, layerNormBackward: 3, crossEntropy: 1, crossEntropyBackward: 1, attention: 1, attentionBackward: 3,
  gatherRows: 1, scatterRows: 1, scatterAddRows: 1, gather: 1, scatterAdd: 1, gumbel: 1, copyInto: 1,
}; // biome-ignore format: a table

export function borrowedKernels<B>(host: HostAccess<B>): Kernels<B> {
  const kernels = Object.entries(written).map(([name, results]) => {
    const kernel = reference[name as keyof typeof reference] as (...args: unknown[]) => void;
    const borrowed = (...args: unknown[]): void => {
      // Handles first: asking a tensor for its buffer may run work, which may move or replace what arrays show.
      const settled = args.map((arg) =>
        mapViews<B, B>(arg, ({ buffer, dtype, shape, strides, offset }) => {
          host.settle?.(buffer);
          return { buffer, dtype, shape, strides, offset };
        }),
      );
      const arrays = new Map<B, TypedArray>();
      const open = (buffer: B): TypedArray => {
        const array = arrays.get(buffer) ?? host.read(buffer);
        arrays.set(buffer, array);
        return array;
      };
      kernel(
        ...settled.map((arg) => mapViews<B, TypedArray>(arg, (x) => ({ ...x, buffer: open(x.buffer) }))),
      );
      const outputs = settled.slice(-results).flat() as View<B>[];
      for (const { buffer } of outputs) host.write(buffer, open(buffer));
    };
    return [name, borrowed];
  });
  return Object.fromEntries(kernels) as Kernels<B>;
}

/** A kernel's argument with its views replaced: a view, a list or a mask of them; anything else stays as it is. */
export function mapViews<From, To>(arg: unknown, replace: (view: View<From>) => View<To>): unknown {
  if (typeof arg !== 'object' || arg === null) return arg;
  if (Array.isArray(arg)) return arg.map((item) => mapViews(item, replace));
  if ('strides' in arg) return replace(arg as View<From>);
  if (!('causal' in arg)) return arg;
  return Object.fromEntries(Object.entries(arg).map(([key, value]) => [key, mapViews(value, replace)]));
}

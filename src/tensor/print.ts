/** How a tensor looks when printed: nested brackets, aligned columns, long axes shortened. */
import type { DType, TypedArray } from '../device/device.ts';

/** A tensor as far as printing needs it. */
interface Printable {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly size: number;
  readonly requiresGrad: boolean;
  readonly device: { readonly name: string };
  toTypedArray(): TypedArray;
}

const EDGE = 3;
const LONG = 1000;
const DIGITS = 4;

/** `tensor([[1, 2], [3, 4]], shape (2, 2), float32)`; more than 1,000 elements are shown by their edges. */
export function formatTensor(x: Printable): string {
  const notes = [`shape (${x.shape.join(', ')})`, x.dtype];
  if (x.device.name !== 'cpu') notes.push(x.device.name);
  if (x.requiresGrad) notes.push('requiresGrad');
  let body: string;
  try {
    body = x.size === 0 ? '[]' : formatValues(x.toTypedArray(), x.shape, x.dtype);
  } catch (error) {
    body = `<${error instanceof Error ? error.message : error}>`;
  }
  return `tensor(${body}, ${notes.join(', ')})`;
}

function formatValues(data: TypedArray, shape: readonly number[], dtype: DType): string {
  // The positions shown along each axis; −1 stands for those left out.
  const shown = shape.map((extent) => {
    const positions = Array.from({ length: extent }, (_, i) => i);
    return data.length > LONG && extent > 2 * EDGE
      ? positions.toSpliced(EDGE, extent - 2 * EDGE, -1)
      : positions;
  });
  const values: number[] = [];
  const visit = (axis: number, start: number, write: (value: number) => string): string => {
    if (axis === shape.length) return write(data[start]);
    const step = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
    const parts = shown[axis].map((i) => (i < 0 ? '…' : visit(axis + 1, start + i * step, write)));
    const inner = shape.length - axis - 1;
    const separator = inner === 0 ? ', ' : `,${'\n'.repeat(inner)}${' '.repeat('tensor('.length + axis + 1)}`;
    return `[${parts.join(separator)}]`;
  };
  visit(0, 0, (value) => String(values.push(value)));
  const format = formatFor(values, dtype);
  const width = Math.max(...values.map((value) => format(value).length));
  return visit(0, 0, (value) => format(value).padStart(width));
}

/** One way of writing for all numbers of a tensor, so that they can be compared at a glance. */
function formatFor(values: readonly number[], dtype: DType): (value: number) => string {
  if (dtype === 'bool') return (value) => (value ? 'true' : 'false');
  if (dtype === 'int32') return String;
  const magnitudes = values.filter(Number.isFinite).map(Math.abs);
  const largest = Math.max(0, ...magnitudes);
  if (largest < 1e9 && magnitudes.every(Number.isInteger)) return String;
  const smallest = Math.min(largest, ...magnitudes.filter((value) => value > 0));
  const scientific = largest >= 1e6 || smallest < 1e-4;
  return (value) => {
    if (!Number.isFinite(value)) return String(value);
    return scientific ? value.toExponential(DIGITS) : value.toFixed(DIGITS);
  };
}

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
  const shorten = data.length > LONG;
  const shown = Array.from(shorten ? data.subarray(0, LONG) : data, (value) => formatNumber(value, dtype));
  const width = Math.max(...shown.map((text) => text.length));
  const visit = (axis: number, start: number): string => {
    if (axis === shape.length) return formatNumber(data[start], dtype).padStart(width);
    const step = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
    const cut = shorten && shape[axis] > 2 * EDGE;
    const parts: string[] = [];
    for (let i = 0; i < shape[axis]; i++) {
      if (cut && i === EDGE) {
        parts.push('…');
        i = shape[axis] - EDGE;
      }
      parts.push(visit(axis + 1, start + i * step));
    }
    const inner = shape.length - axis - 1;
    const separator = inner === 0 ? ', ' : `,${'\n'.repeat(inner)}${' '.repeat('tensor('.length + axis + 1)}`;
    return `[${parts.join(separator)}]`;
  };
  return visit(0, 0);
}

function formatNumber(value: number, dtype: DType): string {
  if (dtype === 'bool') return value ? 'true' : 'false';
  if (dtype === 'int32' || Number.isInteger(value))
    return Math.abs(value) < 1e9 ? String(value) : value.toExponential(DIGITS);
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  return magnitude >= 1e-3 && magnitude < 1e6 ? value.toFixed(DIGITS) : value.toExponential(DIGITS);
}

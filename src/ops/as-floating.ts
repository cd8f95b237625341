/** Types for ops that compute in floating point only. */
import type { DType } from '../device/device.ts';
import { OpError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

export function isFloating({ dtype }: Tensor): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** Integers and truth values as float32; floating tensors as they are. */
export function asFloating(x: Tensor): Tensor {
  return isFloating(x) ? x : x.to('float32');
}

function areOneFloat(tensors: Readonly<Record<string, Tensor>>): boolean {
  let common: DType | null = null;
  for (const name in tensors) {
    const { dtype } = tensors[name];
    if (dtype !== (common ?? dtype) || !isFloating(tensors[name])) return false;
    common = dtype;
  }
  return true;
}

/** @throws OpError unless the named tensors are all float32 or all float64. */
export function requireOneFloat(op: string, tensors: Readonly<Record<string, Tensor>>): void {
  if (areOneFloat(tensors)) return;
  const entries = Object.entries(tensors);
  const [[, first]] = entries;
  const found = entries.map(([name, x]) => `${name} ${x.dtype}`).join(', ');
  const [odd] = entries.find(([, x]) => !isFloating(x) || x.dtype !== first.dtype) ?? entries[0];
  throw new OpError(
    op,
    `takes tensors that are all float32 or all float64, not ${found}`,
    `${odd}.to('float32')`,
  );
}

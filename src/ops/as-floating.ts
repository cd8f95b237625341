/** Types for ops that compute in floating point only. */
import { OpError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

export function isFloating({ dtype }: Tensor): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** Integers and truth values as float32; floating tensors as they are. */
export function asFloating(x: Tensor): Tensor {
  return isFloating(x) ? x : x.to('float32');
}

/** @throws OpError unless the named tensors are all float32 or all float64. */
export function requireOneFloat(op: string, tensors: Readonly<Record<string, Tensor>>): void {
  const entries = Object.entries(tensors);
  const [[, first]] = entries;
  if (isFloating(first) && entries.every(([, x]) => x.dtype === first.dtype)) return;
  const found = entries.map(([name, x]) => `${name} ${x.dtype}`).join(', ');
  const [odd] = entries.find(([, x]) => !isFloating(x) || x.dtype !== first.dtype) ?? entries[0];
  throw new OpError(
    op,
    `takes tensors that are all float32 or all float64, not ${found}`,
    `${odd}.to('float32')`,
  );
}

/**
 * Which kernels an op launches. A view launches none: it only says anew how numbers lie. The names go to the table of ops.
 */
import { describe, expect, test } from 'vitest';
import type { Kernels } from '../../kernels/contract.ts';
import type { Buffer, Device } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { fromTypedArray, gradients, Random, randn, type Tensor } from '../../src/index.ts';
import { drawCase, isFloating, type OpCase } from './op-case.ts';
import { ops } from './op-list.ts';
import { holds, seen } from './runs.ts';

/** The kernels that a call launches on contiguous arguments, and those that its gradients launch. */
function launchesOf({ call }: OpCase): { forward: Set<string>; backward: Set<string> } {
  let names = new Set<string>();
  const kernels = Object.entries(reference.kernels).map(([name, kernel]) => [
    name,
    (...args: never[]) => {
      names.add(name);
      (kernel as (...args: never[]) => void)(...args);
    },
  ]);
  const device: Device = { ...reference, kernels: Object.fromEntries(kernels) as Kernels<Buffer> };
  const leaves = new Map<Tensor, Tensor>();
  const result = call((x) => {
    const leaf = leaves.get(x) ?? fromTypedArray(x.toTypedArray(), x.shape, { device });
    leaf.requiresGrad = isFloating(leaf);
    leaves.set(x, leaf);
    return leaf;
  });
  result.buffer; // a pending result is computed here
  const forward = names;
  names = new Set();
  if (result.requiresGrad) {
    const gradient = randn(result.shape, new Random(1), { dtype: result.dtype, device });
    const inputs = [...leaves.values()].filter(({ requiresGrad }) => requiresGrad);
    for (const slope of gradients(result, inputs, { gradient })) slope.buffer;
  }
  return { forward, backward: names };
}

describe('an op launches kernels of the contract, a view none', () => {
  test.each(ops)('%s', (name, op) => {
    holds(name, (g) => {
      const drawn = drawCase(op, g);
      const { forward, backward } = launchesOf(drawn);
      seen('forward', forward);
      seen('backward', backward);
      if (op.record.doc.endsWith('A view.')) expect([...forward], drawn.code).toEqual([]);
    });
  });
});

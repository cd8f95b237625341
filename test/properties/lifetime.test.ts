/**
 * Memory that was given back is never read again. A device that spoils every buffer the moment it is released, and
 * refuses to take one back twice, gives the same numbers as one that never reuses memory.
 */
import { expect, test } from 'vitest';
import type { Buffer, Device, TypedArray } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { inScope } from '../../src/device/scope.ts';
import { fromTypedArray, gradients, noGrad, type Tensor } from '../../src/index.ts';
import { leafOf, numbersOf } from './derivatives.ts';
import { drawExpression, kinked, mixing, type RandomExpression, smooth, views } from './expressions.ts';
import { holds } from './runs.ts';

const vocabulary = { ...smooth, ...kinked, ...views, ...mixing };
/** Without conditions, through which no gradient flows: what backward does not walk stays on the tape until collected. */
const flowing = { ...smooth, relu: kinked.relu, ...views, ...mixing };

function spoilingDevice(): { device: Device; live: ReadonlySet<Buffer> } {
  const live = new Set<Buffer>();
  const kept = (buffer: Buffer): Buffer => {
    live.add(buffer);
    return buffer;
  };
  const device: Device = {
    ...reference,
    name: 'spoiling',
    allocate: (dtype, length) => kept(reference.allocate(dtype, length)),
    upload: (dtype, data) => kept(reference.upload(dtype, data)),
    release: (buffer) => {
      if (!live.delete(buffer)) throw new Error('a buffer was given back twice');
      (buffer as TypedArray).fill(Number.NaN);
    },
  };
  return { device, live };
}

function leavesOn(device: Device, { leaves }: RandomExpression): Tensor[] {
  return leaves.map((leaf) => fromTypedArray(leaf.toTypedArray(), leaf.shape, { device }));
}

/** Three steps of gradient descent on an expression, each in a scope; returns every value on the way. */
function descend({ total }: RandomExpression, leaves: readonly Tensor[]): number[] {
  const inputs = leaves.map(leafOf);
  const clear = (): void => {
    for (const x of inputs) x.grad = null;
  };
  const values = [0, 1, 2].flatMap(() =>
    inScope(() => {
      clear();
      const value = total(...inputs);
      value.backward();
      noGrad(() => {
        for (const x of inputs) if (x.grad) x.assign(x.sub(x.grad.mul(0.01)));
      });
      return [value.item(), ...inputs.flatMap(numbersOf)];
    }),
  );
  inScope(clear);
  return values;
}

test('training in scopes reads no released memory, gives nothing back twice, and leaves nothing behind', () => {
  holds(
    'descent',
    (g) => {
      const expression = drawExpression(g, { vocabulary: flowing, maxLines: 16, maxDepth: 16 });
      const { device, live } = spoilingDevice();
      const leaves = leavesOn(device, expression);
      expect(descend(expression, leaves), expression.code).toEqual(descend(expression, expression.leaves));
      expect(live.size, expression.code).toBe(leaves.length);
    },
    100,
  );
});

test('gradients of gradients in a scope read no released memory', () => {
  holds(
    'second order',
    (g) => {
      const expression = drawExpression(g, { vocabulary, maxLines: 12, maxDepth: 12 });
      const second = (leaves: readonly Tensor[]): number[] =>
        inScope(() => {
          const inputs = leaves.map(leafOf);
          const first = gradients(expression.total(...inputs), inputs, { createGraph: true });
          const norm = first.map((slope) => slope.square().sum()).reduce((sum, part) => sum.add(part));
          const slopes = norm.requiresGrad ? gradients(norm, inputs) : [];
          return [...first, ...slopes].flatMap(numbersOf);
        });
      const { device } = spoilingDevice();
      expect(second(leavesOn(device, expression)), expression.code).toEqual(second(expression.leaves));
    },
    100,
  );
});

test('values read inside the scope in any order are those of a device that never reuses memory', () => {
  holds(
    'reading',
    (g) => {
      const expression = drawExpression(g, { vocabulary, maxLines: 20, maxDepth: 20 });
      const { device, live } = spoilingDevice();
      const leaves = leavesOn(device, expression);
      const read = (given: readonly Tensor[]): number[][] =>
        inScope(() => expression.run(given).toReversed().map(numbersOf));
      expect(read(leaves), expression.code).toEqual(read(expression.leaves));
      expect(live.size, expression.code).toBe(leaves.length);
    },
    100,
  );
});

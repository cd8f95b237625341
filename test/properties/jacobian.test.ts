/**
 * The whole Jacobian by two routes that share nothing: backward gives it row by row (a basis cotangent picks one
 * output), a nudged input gives it column by column.
 */
import { describe, test } from 'vitest';
import { fromTypedArray, type Tensor } from '../../src/index.ts';
import { largest, likeOf, type TensorFunction, vectorJacobianProduct } from './derivatives.ts';
import { drawCase } from './op-case.ts';
import { differentiable } from './op-list.ts';
import { holds } from './runs.ts';

const STEP = 1e-5;

/** J[output][input] from one backward per output element. */
function byRows(f: TensorFunction, inputs: readonly Tensor[]): number[][] {
  const y = f(...inputs);
  return Array.from({ length: y.size }, (_, output) => {
    const basis = likeOf(y, (i) => (i === output ? 1 : 0));
    return vectorJacobianProduct(f, inputs, basis).flatMap((g) => [...g.toTypedArray()]);
  });
}

/** J[output][input] from two calls of f per input element. */
function byColumns(f: TensorFunction, inputs: readonly Tensor[]): number[][] {
  const values = inputs.map((x) => x.toTypedArray() as Float64Array);
  const at = (which: number, element: number, step: number): number[] => {
    const moved = values.map((value, i) => {
      const copy = value.slice();
      if (i === which) copy[element] += step;
      return fromTypedArray(copy, inputs[i].shape);
    });
    return [...f(...moved).toTypedArray()];
  };
  const columns = values.flatMap((value, which) =>
    [...value.keys()].map((element) => {
      const behind = at(which, element, -STEP);
      return at(which, element, STEP).map((ahead, i) => (ahead - behind[i]) / (2 * STEP));
    }),
  );
  return f(...inputs).size === 0
    ? []
    : columns[0].map((_, output) => columns.map((column) => column[output]));
}

describe('the Jacobian of backward, row by row, is the Jacobian of finite differences, column by column', () => {
  test.each(differentiable)('%s', (name, op) => {
    holds(
      name,
      (g) => {
        const { f, leaves, code } = drawCase(op, g);
        if (leaves.every((leaf) => leaf.size === 0)) return;
        const rows = byRows(f, leaves);
        const columns = byColumns(f, leaves);
        const bound = 1e-6 * Math.max(1, largest(columns.flat()));
        rows.forEach((row, output) => {
          row.forEach((slope, input) => {
            const measured = columns[output][input];
            if (Math.abs(slope - measured) <= bound) return;
            throw new Error(`∂ output ${output} / ∂ input ${input}: ${slope}, measured ${measured}\n${code}`);
          });
        });
      },
      10,
    );
  });
});

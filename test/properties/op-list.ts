/** Every op there is, by name: what the properties go through. */
import * as functions from '../../src/ops/functions.ts';
import * as methods from '../../src/ops/index.ts';
import type { AnyOp } from './op-case.ts';

/** Ops whose first argument is a tensor, and those that are functions only. */
export const ops: readonly (readonly [name: string, op: AnyOp])[] = Object.entries({
  ...methods,
  ...functions,
});

export const differentiable: typeof ops = ops.filter(([, op]) => op.record.differentiable === true);
export const notDifferentiable: typeof ops = ops.filter(([, op]) => op.record.differentiable !== true);

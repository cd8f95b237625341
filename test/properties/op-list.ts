/** Every op there is, by name: what the properties below go through. */
import { existsSync } from 'node:fs';
import * as methods from '../../src/ops/index.ts';
import type { AnyOp } from './op-case.ts';

const functionsFile = new URL('../../src/ops/functions.ts', import.meta.url);
const functions = existsSync(functionsFile)
  ? ((await import(/* @vite-ignore */ functionsFile.href)) as Record<string, unknown>)
  : {};

/** Ops whose first argument is a tensor, and those that are only functions. */
export const ops: readonly (readonly [name: string, op: AnyOp])[] = Object.entries({
  ...methods,
  ...functions,
}) as unknown as [string, AnyOp][];

export const differentiable: typeof ops = ops.filter(([, op]) => op.record?.differentiable === true);
export const notDifferentiable: typeof ops = ops.filter(([, op]) => op.record?.differentiable !== true);

/** Every op obeys a law: one test per op, each on random calls drawn from the op's own record. */
import fc from 'fast-check';
import { test } from 'vitest';
import type { Tensor } from '../../src/index.ts';
import type { TensorFunction } from './derivatives.ts';
import type { DrawingOptions } from './draw.ts';
import type { Law } from './laws.ts';
import { drawCase } from './op-case.ts';
import { differentiable } from './op-list.ts';
import { holds } from './runs.ts';

/** Defines a test per differentiable op. */
export function everyOpObeys(law: Law, cases?: number, options?: DrawingOptions): void {
  test.each(differentiable)('%s', (name, op) => {
    holds(name, (g) => obeys(law, drawCase(op, g, options), g), cases);
  });
}

/** What can be put to a law, and shown if it fails. */
export interface LawCase {
  readonly f: TensorFunction;
  readonly leaves: readonly Tensor[];
  readonly code: string;
}

/** Puts a drawn function to a law; what it throws ends in the call as code. */
export function obeys(law: Law, { f, leaves, code }: LawCase, g: fc.GeneratorValue): void {
  const seed = g(fc.nat);
  try {
    law(f, leaves, seed);
  } catch (error) {
    throw new Error(
      `${(error as Error).message}\ntest('counterexample', () => {\n${code}\n  ${law.name}(f, leaves, ${seed});\n});`,
    );
  }
}

import type { Random, SkipTransformer } from '../../src/index.ts';

/** The library: its sources or its build. */
type Hopgrad = typeof import('../../src/index.ts');

export interface Text {
  ids: Int32Array;
  targets: Int32Array;
}

export interface Outcomes {
  probabilities: number[];
  losses: number[];
  scores: number[][];
  expectedLoss: number;
  gradient: number[];
}

export interface DrawOptions {
  lambda: number;
  temperature: number;
  random: Random;
  draws: number;
}

export interface Comparison {
  relativeBias: number;
  cosine: number;
  relativeVariance: number;
}

export function everyOutcome(n: number): number[][];
export function enumerate(hopgrad: Hopgrad, model: SkipTransformer, text: Text, lambda: number): Outcomes;
export function scoreFunction(outcomes: Pick<Outcomes, 'losses' | 'scores'>, baseline: number): number[][];
export function draw(
  hopgrad: Hopgrad,
  model: SkipTransformer,
  text: Text,
  options: DrawOptions,
): { gradients: number[][]; outcomes: number[] };
export function compare(
  answers: readonly number[][],
  exact: readonly number[],
  chances?: readonly number[],
): Comparison;

/** How much there is to compute, in forward FLOPs: enough to foretell when it will be done. */
import { hop24 } from '../data/hop24/tasks.ts';
import { densityPerLayer } from '../model/config.ts';
import type { RunConfig } from '../train/config.ts';
import type { Cell } from './grid.ts';

/** Held-out tokens of the embedded text, read twice: for the loss, and for who uses which layers. */
const TEXT_TOKENS = 2 * 125_000;
/** Tokens that a question comes to, its demonstration and choices included. */
const QUESTION_TOKENS = 100;
/** A step of training is a forward pass and a backward pass of twice its work. */
const PASSES = 3;

/** FLOPs of training and measuring a cell. */
export function workOf(cell: Cell, questions: number): number {
  return trainingWork(cell) + measuringWork(cell, questions);
}

/** How much of it is training, from 0 to 1. */
export function trainingShare(cell: Cell, questions: number): number {
  return trainingWork(cell) / workOf(cell, questions);
}

function trainingWork({ config }: Cell): number {
  const { steps, batchSize } = config.training;
  return PASSES * steps * batchSize * config.model.context * flopsPerToken(config, computesAll(config));
}

function measuringWork({ config }: Cell, questions: number): number {
  return (TEXT_TOKENS + hop24.length * questions * QUESTION_TOKENS) * flopsPerToken(config, false);
}

/** Whether training computes what tokens skip: its gradient reads it. */
function computesAll({ model: { router, estimator } }: RunConfig): boolean {
  return router === 'sigmoid' || (router === 'learned' && estimator === 'straight-through');
}

/** Of a forward pass. Keys and values are computed for every token, the rest for those that run a layer. */
export function flopsPerToken({ model }: RunConfig, all: boolean): number {
  const { dim, context, feedForward, wraps } = model;
  const keysAndValues = 4 * dim ** 2;
  const attention = 4 * dim ** 2 + 2 * context * dim;
  const feed = 4 * feedForward * dim ** 2;
  return densityPerLayer(model).reduce((sum, density) => {
    const share = all ? 1 : density;
    const [attending, feeding] = [wraps === 'feed-forward' ? 1 : share, wraps === 'attention' ? 1 : share];
    return sum + keysAndValues + attending * attention + feeding * feed;
  }, 0);
}

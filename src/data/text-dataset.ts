import { Random } from '../tensor/random.ts';

/** Windows of a text: `targets[b, t]` is the token that follows `inputs[b, t]`. Both are [B, T], row by row. */
export interface Batch {
  inputs: Int32Array;
  targets: Int32Array;
  /** (B, T): windows in this batch, tokens in a window. */
  shape: [number, number];
}

/** A tokenised text, cut once into a training part and, after it, a validation part. */
export class TextDataset {
  readonly train: Int32Array;
  readonly validation: Int32Array;

  /** @param validationFraction share of the tokens, at the end of the text, that training never sees */
  constructor(ids: Int32Array, validationFraction: number = 0.1) {
    if (!(validationFraction > 0 && validationFraction < 1)) {
      throw new RangeError(
        `TextDataset: validationFraction must be between 0 and 1, got ${validationFraction}`,
      );
    }
    const boundary = ids.length - Math.round(ids.length * validationFraction);
    this.train = ids.subarray(0, boundary);
    this.validation = ids.subarray(boundary);
  }

  /** Throws RangeError unless both parts hold at least one window, so that a run can fail before it starts. */
  checkContext(context: number): void {
    checkLength('training', this.train, context, true);
    checkLength('validation', this.validation, context, true);
  }

  /**
   * The training batch of one step: windows at random places. A pure function of the seed and the step, so a
   * resumed run needs no saved position. Windows start anywhere, so they may overlap.
   *
   * @throws RangeError when the training part is shorter than context + 1 tokens
   */
  batch(step: number, options: { batchSize: number; context: number; seed: number }): Batch {
    const { batchSize, context, seed } = options;
    checkCount('batchSize', batchSize);
    checkLength('training', this.train, context);
    const random = new Random(seed).fork('batch').fork(step);
    const starts = Array.from({ length: batchSize }, () => random.int(this.train.length - context));
    return windows(this.train, starts, context);
  }

  /**
   * Non-overlapping windows of the validation part, always the same ones: all of them, or `limit` batches spread
   * evenly over it. The last batch may have fewer than `batchSize` windows.
   *
   * @throws RangeError when the validation part is shorter than context + 1 tokens
   */
  validationBatches(options: { batchSize: number; context: number; limit?: number }): Batch[] {
    const { batchSize, context, limit = Infinity } = options;
    checkCount('batchSize', batchSize);
    if (limit !== Infinity) checkCount('limit', limit);
    checkLength('validation', this.validation, context);
    const available = Math.floor((this.validation.length - 1) / context);
    const used = Math.min(available, limit * batchSize);
    const starts = Array.from({ length: used }, (_, i) => Math.floor((i * available) / used) * context);
    const batches: Batch[] = [];
    for (let i = 0; i < used; i += batchSize) {
      batches.push(windows(this.validation, starts.slice(i, i + batchSize), context));
    }
    return batches;
  }
}

/**
 * How well counting pairs of tokens predicts: the mean negative log probability, in nats per token, of each
 * validation token given the one before it, with probabilities (count + alpha) / (row total + alpha * vocabulary)
 * counted on the training ids. A language model that does not beat this has learned next to nothing.
 *
 * @throws RangeError for fewer than two tokens in either part, or for an id outside the vocabulary
 */
export function bigramEntropy(
  train: Int32Array,
  validation: Int32Array,
  vocabularySize: number,
  alpha: number = 0.1,
): number {
  for (const [part, ids] of [['training', train] as const, ['validation', validation] as const]) {
    checkLength(part, ids, 1);
    const bad = ids.findIndex((id) => id < 0 || id >= vocabularySize);
    if (bad >= 0) {
      throw new RangeError(
        `bigramEntropy: ${part} id ${ids[bad]} at ${bad} is outside the vocabulary (0 to ${vocabularySize - 1})`,
      );
    }
  }
  // A map, not a square table: with 30,000 tokens the table would need gigabytes.
  const pairs = new Map<number, number>();
  const totals = new Float64Array(vocabularySize);
  for (let i = 1; i < train.length; i++) {
    const pair = train[i - 1] * vocabularySize + train[i];
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    totals[train[i - 1]]++;
  }
  let sum = 0;
  for (let i = 1; i < validation.length; i++) {
    const count = pairs.get(validation[i - 1] * vocabularySize + validation[i]) ?? 0;
    sum -= Math.log((count + alpha) / (totals[validation[i - 1]] + alpha * vocabularySize));
  }
  return sum / (validation.length - 1);
}

function windows(ids: Int32Array, starts: number[], context: number): Batch {
  const inputs = new Int32Array(starts.length * context);
  const targets = new Int32Array(starts.length * context);
  starts.forEach((start, row) => {
    inputs.set(ids.subarray(start, start + context), row * context);
    targets.set(ids.subarray(start + 1, start + 1 + context), row * context);
  });
  return { inputs, targets, shape: [starts.length, context] };
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`TextDataset: ${name} must be a whole number of at least 1, got ${value}`);
  }
}

/** @param free whether the context can still be chosen */
function checkLength(part: 'training' | 'validation', ids: Int32Array, context: number, free = false): void {
  checkCount('context', context);
  if (ids.length > context) return;
  throw new RangeError(
    `TextDataset: the ${part} part has ${ids.length} tokens, but one window of context ${context} needs ` +
      `${context + 1}; use a longer text${free && ids.length > 1 ? ` or lower the context to ${ids.length - 1} or less` : ''}`,
  );
}

/** Log-probabilities of choices, from a cache that holds what they share. */
import { noGrad } from '../../autograd/mode.ts';
import { inScope } from '../../device/scope.ts';
import type { SkipTransformer } from '../../model/skip-transformer.ts';
import type { KeyValueCache } from '../../nn/key-value-cache.ts';
import { cat } from '../../ops/cat.ts';
import { fromTypedArray } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { readScalars } from '../evaluate.ts';
import type { Sequence } from './prompt.ts';
import type { Work } from './work.ts';

/**
 * log P of the scored part of each sequence, summed over its tokens, in nats. What all sequences begin with is read
 * once; then each goes on from a cache of it, those of one length together. The model must be in evaluation.
 */
export function logProbabilities(
  model: SkipTransformer,
  sequences: readonly Sequence[],
  work: Work,
): number[] {
  const results = new Array<number>(sequences.length);
  const shared = sharedLength(sequences);
  const from = Math.max(1, shared); // the first token that is predicted apart
  inScope(() =>
    noGrad(() => {
      const caches = model.makeCaches(1);
      const begin = read(model, [sequences[0].ids.subarray(0, shared)], caches, work);
      const last = begin.map((logits) => logits.slice(1, shared - 1)); // (1, 1, V), if anything is shared
      for (const group of groups(model, sequences)) {
        const size = group.length;
        const own = size === 1 ? caches : caches.map((cache) => cache.repeat(size));
        // The last token is predicted and never read.
        const rows = group.map((i) => sequences[i].ids.subarray(shared, -1));
        const logits = [
          ...last.map((one) => one.expand([size, 1, one.shape[2]])),
          ...read(model, rows, own, work),
        ];
        for (const cache of caches) cache.crop(shared);
        const targets = tensorOf(
          group.map((i) => sequences[i].ids.subarray(from)),
          model,
        ); // (B, R)
        const logs = cat(logits, 1).logSoftmax(-1).gather(2, targets.unsqueeze(2)); // (B, R, 1)
        const values = Float64Array.from(logs.toTypedArray());
        const { length } = sequences[group[0]].ids;
        group.forEach((i, row) => {
          const end = (row + 1) * (length - from);
          const scored = values.subarray(end - (length - sequences[i].start), end);
          results[i] = scored.reduce((sum, log) => sum + log, 0);
        });
      }
    }),
  );
  return results;
}

/** The logits (B, R, V) of rows of one length read into caches; none for empty rows. */
function read(
  model: SkipTransformer,
  rows: readonly Int32Array[],
  caches: readonly KeyValueCache[],
  work: Work,
): Tensor[] {
  const ids = tensorOf(rows, model); // (B, R)
  if (ids.size === 0) return [];
  const { logits, routes, flops } = model.forward(ids, { caches });
  const densities = routes.length > 0 ? readScalars(routes.map(({ density }) => density)) : [];
  const ran = densities.reduce((sum, density) => sum + density, model.config.layers - routes.length);
  work.add(ids.size, { layers: ran, ...flops });
  return [logits];
}

/** How many tokens all begin with; no more than come before the scored part. */
function sharedLength(sequences: readonly Sequence[]): number {
  const [{ ids: model }] = sequences;
  let length = Math.min(...sequences.map(({ start }) => start));
  for (const { ids } of sequences) {
    let same = 0;
    while (same < length && ids[same] === model[same]) same++;
    length = same;
  }
  return length;
}

/** Which sequences are read together: those of one length. A random gate draws by row, and must not tell choices apart. */
function groups(model: SkipTransformer, sequences: readonly Sequence[]): number[][] {
  const byLength = new Map<string, number[]>();
  sequences.forEach(({ ids }, i) => {
    const key = model.config.router === 'random' ? `${i}` : `of ${ids.length}`;
    byLength.set(key, [...(byLength.get(key) ?? []), i]);
  });
  return [...byLength.values()];
}

function tensorOf(rows: readonly Int32Array[], { head }: SkipTransformer): Tensor {
  const ids = new Int32Array(rows.length * rows[0].length);
  rows.forEach((row, i) => {
    ids.set(row, i * row.length);
  });
  return fromTypedArray(ids, [rows.length, rows[0].length], { device: head.weight.device });
}

/** What a dialect's attention and its gradients are held to: the float64 reference, from the same numbers. */
import { expect } from 'vitest';
import { attention as referenceAttention } from '../../kernels/attention/reference.ts';
import type { AttentionMask, TypedArray } from '../../kernels/contract.ts';
import { contiguousStrides, type HostView } from '../../kernels/strides.ts';
import type { ExpectParity } from './parity.ts';
import { indices, place, resultOf } from './views.ts';

export interface Inputs {
  readonly g: HostView;
  readonly query: HostView;
  readonly key: HostView;
  readonly value: HostView;
  readonly mask: AttentionMask<TypedArray>;
  readonly scale: number;
}

export function intView(values: readonly number[], shape: readonly number[], offset = 0): HostView {
  const buffer = Int32Array.from([...new Array(offset).fill(-7), ...values]);
  return { buffer, dtype: 'int32', shape, strides: contiguousStrides(shape), offset };
}

/** One of something for each result. */
export type Results<T> = Record<'out' | 'dQuery' | 'dKey' | 'dValue', T>;

/** The largest Euclidean norm of a view's rows, of what is finite in them. */
export function rowNorm(view: HostView): number {
  const rows = new Map<string, number>();
  for (const index of indices(view.shape)) {
    const element = view.buffer[place(view, index)];
    const row = index.slice(0, -1).join();
    if (Number.isFinite(element)) rows.set(row, (rows.get(row) ?? 0) + element ** 2);
  }
  return Math.sqrt([...rows.values()].reduce((most, x) => Math.max(most, x), 0));
}

/** Runs forward and backward, and expects both to be what the reference gives, within a bound for each. */
export function expectAttention(
  expectParity: ExpectParity,
  { g, query, key, value, mask, scale }: Inputs,
  bound: Results<number>,
): Results<TypedArray> {
  const forward = [query, key, value, mask, scale];
  const [out] = expectParity('attention', [...forward, resultOf(query.shape, 'float32')], {
    absolute: bound.out,
  });
  const output = resultOf(query.shape, 'float32');
  referenceAttention(query, key, value, mask, scale, output);
  const results = [query, key, key].map(({ shape }) => resultOf(shape, 'float32'));
  const slacks = [bound.dQuery, bound.dKey, bound.dValue];
  const [dQuery, dKey, dValue] = expectParity('attentionBackward', [g, ...forward, output, ...results], {
    results,
    slack: (_, __, result) => slacks[results.indexOf(result)],
  });
  return { out, dQuery, dKey, dValue };
}

/**
 * Expects nothing to have touched the queries before position `from`, where all that stands from there on is `number`: NaN,
 * or an infinity.
 */
export function expectUnread(
  clean: Inputs,
  from: number,
  number: number,
  expectBoth: (inputs: Inputs) => Results<TypedArray>,
): void {
  const spoilt = { ...clean };
  for (const name of ['g', 'query', 'key', 'value'] as const) {
    const buffer = clean[name].buffer.slice();
    spoilt[name] = { ...clean[name], buffer };
    for (const index of indices(clean[name].shape)) {
      if (index[2] >= from) buffer[place(clean[name], index)] = number;
    }
  }
  const [before, after] = [expectBoth(clean), expectBoth(spoilt)];
  for (const name of ['out', 'dQuery'] as const) {
    for (const index of indices(clean.query.shape)) {
      if (index[2] >= from) continue;
      const at = place(resultOf(clean.query.shape, 'float32'), index);
      expect(after[name][at]).toBe(before[name][at]);
    }
  }
}

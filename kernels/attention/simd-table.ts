/**
 * The queries of an attention in the order in which SIMD kernels take them: a table of rows, and of groups of rows that
 * read the same batch row of keys. Rows gathered from anywhere so make blocks as full as those of a whole sequence, and a
 * kernel need not know where they came from.
 */
import type { LinearBuffer } from '../assembler/machine.ts';
import type { AttentionMask, View } from '../contract.ts';

/** A query row: the bytes from the first query (and from the first result) of a head to its own; how many keys it reads. */
export const ROW = { query: 0, result: 4, visible: 8, bytes: 12 } as const;

/** Rows `first` to before `end` (addresses); their batch row of keys, −1 for padding; the most keys that one reads. */
export const GROUP = { first: 0, end: 4, batch: 8, keys: 12, bytes: 16 } as const;

/** What a table is made from. */
export interface Queries {
  readonly query: View<LinearBuffer>;
  readonly mask: AttentionMask<LinearBuffer>;
  /** Byte addresses of the mask's views, where it has them. */
  readonly positions: number;
  readonly batch: number;
  /** Batch rows of keys, and keys in each. */
  readonly keyBatches: number;
  readonly keys: number;
  /** One group for each batch row of keys, also for those that nobody reads; otherwise groups are small. */
  readonly whole: boolean;
}

/** Groups have at most this many rows, unless they must be whole. */
const GROUP_ROWS = 128;

/** Room for a table, in bytes (a multiple of 64), and the most groups that it can have. */
export function sizeOfTable(queries: Queries): { bytes: number; mostGroups: number } {
  const { query, mask, keyBatches, keys, whole } = queries;
  const [batches, , tokens] = query.shape;
  const rows = batches * tokens;
  const inOrder = !mask.positions && !mask.batch && keys > 0; // no padding
  let mostGroups = keyBatches + 1 + Math.floor(rows / GROUP_ROWS);
  if (inOrder) mostGroups = keyBatches * Math.ceil(tokens / GROUP_ROWS);
  if (whole) mostGroups = keyBatches + 1;
  const bytes = 4 * (keyBatches + 1) + ROW.bytes * rows + GROUP.bytes * mostGroups;
  return { bytes: 64 * Math.ceil(bytes / 64), mostGroups };
}

/**
 * Writes a table to the address `at`. Rows keep their order within their batch row of keys; padding comes last.
 *
 * @returns the address of the groups, and how many they are
 */
export function writeTable(
  ints: Int32Array,
  at: number,
  queries: Queries,
): { groups: number; groupCount: number } {
  const { query, mask, positions, batch, keyBatches, keys, whole } = queries;
  const [batches, heads, tokens, d] = query.shape;
  const batchBytes = 4 * query.strides[0];
  const tokenBytes = 4 * query.strides[2];
  const positionsAt = mask.positions ? positions / 4 : -1;
  const batchAt = mask.batch ? batch / 4 : -1;

  // Counts of rows, which become the places of the next row of each batch row of keys; the last is the padding's.
  const next = at / 4;
  const padding = keyBatches;
  ints.fill(0, next, next + keyBatches + 1);
  for (let b = 0, row = 0; b < batches; b++) {
    const group = batchAt < 0 ? b : ints[batchAt + b];
    for (let token = 0; token < tokens; token++, row++) {
      const visible = visibleTo(positionsAt < 0 ? token : ints[positionsAt + row], mask.causal, keys);
      ints[next + (visible > 0 ? group : padding)]++;
    }
  }
  const firstRow = next + keyBatches + 1;
  let place = firstRow;
  for (let group = next; group <= next + padding; group++) {
    const count = ints[group];
    ints[group] = place;
    place += (ROW.bytes / 4) * count;
  }
  for (let b = 0, row = 0; b < batches; b++) {
    const group = batchAt < 0 ? b : ints[batchAt + b];
    for (let token = 0; token < tokens; token++, row++) {
      const visible = visibleTo(positionsAt < 0 ? token : ints[positionsAt + row], mask.causal, keys);
      const bucket = next + (visible > 0 ? group : padding);
      const to = ints[bucket];
      ints[to] = b * batchBytes + token * tokenBytes;
      ints[to + 1] = 4 * d * (b * heads * tokens + token);
      ints[to + 2] = visible;
      ints[bucket] = to + ROW.bytes / 4;
    }
  }

  let group = place;
  let first = firstRow;
  for (let bucket = 0; bucket <= padding; bucket++) {
    const end = ints[next + bucket];
    const step = (ROW.bytes / 4) * (whole ? Math.max(1, batches * tokens) : GROUP_ROWS);
    if (whole && first === end && bucket < padding) {
      group = writeGroup(ints, group, first, end, bucket);
    }
    for (; first < end; first += step) {
      group = writeGroup(ints, group, first, Math.min(first + step, end), bucket === padding ? -1 : bucket);
    }
    first = end;
  }
  return { groups: 4 * place, groupCount: (group - place) / (GROUP.bytes / 4) };
}

/** How many keys a query reads; 0 for padding. */
function visibleTo(position: number, causal: boolean, keys: number): number {
  if (position < 0) return 0;
  return causal && position < keys ? position + 1 : keys;
}

/** Writes a group of the rows from `first` to before `end` to `at`, all of them places of int32; returns the next place. */
function writeGroup(ints: Int32Array, at: number, first: number, end: number, batch: number): number {
  let keys = 0;
  for (let row = first; row < end; row += ROW.bytes / 4) keys = Math.max(keys, ints[row + ROW.visible / 4]);
  ints[at] = 4 * first;
  ints[at + 1] = 4 * end;
  ints[at + 2] = batch;
  ints[at + 3] = keys;
  return at + GROUP.bytes / 4;
}

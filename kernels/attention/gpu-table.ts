/**
 * Who reads what in an attention, as lists that kernels look up. The query rows of all heads stand in an order in which
 * those that read the same keys are neighbours, and among them those that read fewest come first: the rows that read a
 * key are then one range. Padding has no row. Everything is counted on the host, where the mask is.
 */
import type { AttentionMask, View } from '../contract.ts';
import type { GpuBuffer, GpuMachine } from '../glsl/kernel.ts';
import type { HostView } from '../strides.ts';
import { type Query, queriesByKeys } from './reference.ts';

export interface Readers {
  readonly heads: number;
  /** Tokens of the query, and keys. */
  readonly tokens: number;
  readonly keys: number;
  /** Those that read at least one key of each batch row of keys. */
  readonly groups: readonly (readonly Query[])[];
  /** Rows: readers in all heads. */
  readonly rows: number;
}

export function readersOf(
  machine: GpuMachine,
  query: View<GpuBuffer>,
  key: View<GpuBuffer>,
  { causal, positions, batch }: AttentionMask<GpuBuffer>,
): Readers {
  const hosted = (view: View<GpuBuffer> | null): HostView | null => {
    if (!view) return null;
    const { buffer, dtype, shape, strides, offset } = view;
    return { buffer: machine.host(buffer), dtype, shape, strides, offset };
  };
  const mask = { causal, positions: hosted(positions), batch: hosted(batch) };
  const groups = queriesByKeys(query, key, mask).map((group) =>
    group.filter(({ visible }) => visible > 0).sort((a, b) => a.visible - b.visible),
  );
  const [, heads, tokens] = query.shape;
  const readers = groups.reduce((sum, group) => sum + group.length, 0);
  return { heads, tokens, keys: key.shape[2], groups, rows: readers * heads };
}

function eachRow(
  { groups, heads }: Readers,
  visit: (row: number, reader: Query, head: number, keyBatch: number) => void,
): void {
  let row = 0;
  for (const [keyBatch, group] of groups.entries()) {
    for (let head = 0; head < heads; head++) {
      for (const reader of group) visit(row++, reader, head, keyBatch);
    }
  }
}

/** For each row, which row of the query it is, counted through (Bq, H, Tq). */
export function orderOf(readers: Readers): Float32Array {
  const { heads, tokens, rows } = readers;
  const order = new Float32Array(rows);
  eachRow(readers, (row, { batch, token }, head) => {
    order[row] = (batch * heads + head) * tokens + token;
  });
  return order;
}

/** For each row of the query its row, or −1 for padding: the inverse of the order. */
export function slotsOf(order: Float32Array, queries: number): Float32Array {
  const slots = new Float32Array(queries).fill(-1);
  order.forEach((query, row) => {
    slots[query] = row;
  });
  return slots;
}

/**
 * A texel for each row: where its query and its first key and value stand, in texels, and how many keys it reads. Behind
 * the last row there is room for as many as are wanted, which read nothing.
 *
 * @param query its view, or how many texels a query has where they were packed in the order of rows
 */
export function rowTable(
  readers: Readers,
  query: View<GpuBuffer> | number,
  key: View<GpuBuffer>,
  value: View<GpuBuffer>,
  room: number,
): Float32Array {
  const table = new Float32Array(4 * room);
  const texelOf = (
    { offset, strides }: View<GpuBuffer>,
    batch: number,
    head: number,
    token: number,
  ): number => (offset + batch * strides[0] + head * strides[1] + token * strides[2]) / 4;
  eachRow(readers, (row, { batch, token, visible }, head, keyBatch) => {
    table[4 * row] = typeof query === 'number' ? row * query : texelOf(query, batch, head, token);
    table[4 * row + 1] = texelOf(key, keyBatch, head, 0);
    table[4 * row + 2] = texelOf(value, keyBatch, head, 0);
    table[4 * row + 3] = visible;
  });
  return table;
}

/**
 * A texel for each row of keys, counted through (Bk, H, Tk): the first row that reads it and the one behind the last, and
 * where its weight stands in a row of weights: in which texel, in which channel.
 */
export function keyTable({ groups, heads, keys }: Readers): Float32Array {
  const table = new Float32Array(4 * groups.length * heads * keys);
  let at = 0;
  let start = 0;
  for (const group of groups) {
    for (let head = 0; head < heads; head++, start += group.length) {
      let first = 0;
      for (let k = 0; k < keys; k++, at += 4) {
        while (first < group.length && group[first].visible <= k) first++;
        table[at] = start + first;
        table[at + 1] = start + group.length;
        table[at + 2] = Math.floor(k / 4);
        table[at + 3] = k % 4;
      }
    }
  }
  return table;
}

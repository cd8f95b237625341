/**
 * Attention in WebAssembly, float32. The queries are grouped by the batch row of keys that they read (simd-table.ts); a
 * head of a group is a unit of work. In the backward a unit has all queries of its keys, so that it alone adds to their
 * gradients. Scratch grows with the number of keys, not of pairs.
 *
 * simd-forward.ts and simd-backward.ts have the mathematics.
 */
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import type { KernelFunction, ModuleBuilder } from '../assembler/module.ts';
import type { AttentionMask, Kernels, View } from '../contract.ts';
import { emitMatmulRoutines } from '../matmul/simd-routines.ts';
import { backwardBytes, emitBackward } from './simd-backward.ts';
import { emitFew, fewBytes } from './simd-few.ts';
import { emitForward, forwardBytes } from './simd-forward.ts';
import { emitAttentionRows } from './simd-rows.ts';
import { type Queries, sizeOfTable, writeTable } from './simd-table.ts';

type AttentionKernels = Pick<Kernels<LinearBuffer>, 'attention' | 'attentionBackward'>;

/** Every part that may run at once has a region of scratch; if they were more bytes than this, some parts have to wait. */
const MOST_SCRATCH = 2 ** 26;

/** So many queries of a batch row of keys do not pay for packing them. */
const FEW = 3;

/** @param otherwise for other types than float32 */
export function simdAttention(machine: Machine, otherwise: AttentionKernels): AttentionKernels {
  const emitted = lazily(() => machine.module(emitAttention));
  return {
    attention: (query, key, value, mask, scale, out) => {
      if (query.dtype !== 'float32') return otherwise.attention(query, key, value, mask, scale, out);
      run(machine, emitted(), { query, key, value, mask, scale, isBackward: false }, machine.address(out));
    },
    attentionBackward: (g, query, key, value, mask, scale, output, dQuery, dKey, dValue) => {
      if (query.dtype !== 'float32')
        return otherwise.attentionBackward(
          ...[g, query, key, value, mask, scale, output, dQuery, dKey, dValue],
        );
      run(
        machine,
        emitted(),
        { query, key, value, mask, scale, isBackward: true },
        machine.address(dQuery),
        ...[key.shape[2], machine.address(g), machine.address(output)],
        ...[machine.address(dKey), machine.address(dValue)],
      );
    },
  };
}

interface Emitted {
  readonly forward: KernelFunction;
  readonly few: KernelFunction;
  readonly backward: KernelFunction;
  /** Width of the matrix routines' panels. */
  readonly columns: number;
}

function emitAttention(module: ModuleBuilder): Emitted {
  const routines = emitMatmulRoutines(module);
  const rows = emitAttentionRows(module);
  return {
    forward: emitForward(module, routines, rows),
    few: emitFew(module, rows),
    backward: emitBackward(module, routines, rows),
    columns: routines.columns,
  };
}

interface Call {
  readonly query: View<LinearBuffer>;
  readonly key: View<LinearBuffer>;
  readonly value: View<LinearBuffer>;
  readonly mask: AttentionMask<LinearBuffer>;
  readonly scale: number;
  readonly isBackward: boolean;
}

/** @param others what the kernel is told besides what all are told */
function run(machine: Machine, kernels: Emitted, call: Call, ...others: number[]): void {
  const { query, key, value, mask, scale, isBackward } = call;
  const [batches, heads, tokens, d] = query.shape;
  const [keyBatches, , keys] = key.shape;
  const [queryAt, keyAt, valueAt] = [machine.address(query), machine.address(key), machine.address(value)];
  const queries: Queries = {
    query,
    mask,
    positions: mask.positions ? machine.address(mask.positions) : 0,
    batch: mask.batch ? machine.address(mask.batch) : 0,
    keyBatches,
    keys,
    whole: isBackward,
  };
  const rowsStand = key.strides[3] === 1 && value.strides[3] === 1;
  const isFew = !isBackward && rowsStand && batches * tokens <= FEW * keyBatches;

  // Behind the last score of a row there is room for what is done eight at a time. It also sets rows apart by no power
  // of two: that would put them all into the same few lines of the cache.
  const { columns } = kernels;
  const row = 16 * Math.ceil(d / 4);
  const scoreRow = 4 * roundUp(keys, columns) + 64;
  const panelBytes = roundUp(4 * Math.max(d * roundUp(keys, columns), keys * roundUp(d, columns)), 64);
  let regionBytes = forwardBytes(panelBytes, scoreRow, row);
  if (isFew) regionBytes = fewBytes(scoreRow, row);
  if (isBackward) regionBytes = backwardBytes(panelBytes, scoreRow, row, columns);
  regionBytes = roundUp(regionBytes, 64);

  const table = sizeOfTable(queries);
  const pairs = (batches * tokens * keys) / (mask.causal ? 2 : 1);
  const arithmetic = isBackward ? d + 8 : d / 3 + 6; // of a pair, in additions
  const weight = (pairs / Math.max(table.mostGroups, 1)) * arithmetic + 2 * keys * d;
  const { perPart, parts: mostParts } = cut(table.mostGroups * heads, weight);
  const atOnce = Math.max(1, Math.min(mostParts, Math.floor(MOST_SCRATCH / regionBytes)));
  const scratch = machine.scratch(table.bytes + atOnce * regionBytes);
  const { groups, groupCount } = writeTable(machine.ints(), scratch, queries);

  const units = groupCount * heads;
  const parts = Math.ceil(units / perPart);
  const { forward, few, backward } = kernels;
  for (let first = 0; first < parts; first += atOnce) {
    machine.launch(
      isBackward ? backward : isFew ? few : forward,
      Math.min(atOnce, parts - first),
      ...[groups, units, perPart, first, heads, d, scale],
      ...[queryAt, 4 * query.strides[1], 4 * query.strides[3], 4 * tokens * d],
      ...[keyAt, 4 * key.strides[0], 4 * key.strides[1], 4 * key.strides[2], 4 * key.strides[3]],
      ...[valueAt, 4 * value.strides[0], 4 * value.strides[1], 4 * value.strides[2], 4 * value.strides[3]],
      ...[scratch + table.bytes, regionBytes, panelBytes, scoreRow, row, machine.zeros],
      ...others,
    );
  }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

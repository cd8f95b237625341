/**
 * The attention of one head of a group of queries, in blocks of queries:
 *
 *     S = scale · Q Kᵀ         up to the most keys that one of the block reads
 *     E = e^(S − max), t = Σ E   row by row; 0 beyond what the query reads
 *     O = E V / t
 *
 * No query may notice what it does not read, but a product adds 0 times that, which is not 0 if that is infinite or NaN:
 * where values are not all finite, blocks have one query. Sums run in the order of their terms, whatever the block.
 */
import { f32x4, i32, select } from '../assembler/instructions.ts';
import type { KernelFunction, ModuleBuilder } from '../assembler/module.ts';
import type { MatmulRoutines } from '../matmul/simd-routines.ts';
import { allFinite, checkPanels, multiply, multiplyFirst, wholePanels } from './simd-products.ts';
import type { AttentionRows } from './simd-rows.ts';
import { ROW } from './simd-table.ts';
import {
  attentionKernel,
  BLOCK_ROWS,
  blockOf,
  clearPadding,
  eachBlock,
  eachUnit,
  mostVisible,
} from './simd-units.ts';

/** Bytes of scratch for a part. */
export function forwardBytes(panelBytes: number, scoreRow: number, row: number): number {
  return 2 * panelBytes + BLOCK_ROWS * (scoreRow + 2 * row + 4) + 64;
}

export function emitForward(
  module: ModuleBuilder,
  routines: MatmulRoutines,
  rows: AttentionRows,
): KernelFunction {
  return attentionKernel(module, 'attention', (f, args, part) => {
    const { d, row, scoreRow, zeros } = args;
    const fromZero = { initial: zeros, initialRow: i32.const(0), initialColumn: i32.const(0) };
    eachUnit(f, part, args, (unit) => {
      const { entry, batch, most, take } = unit;
      f.if(
        i32.ltS(batch, i32.const(0)),
        () => clearPadding(f, rows, unit, d, args.out),
        () => {
          const keys = take(args.panelBytes);
          const values = take(args.panelBytes);
          const scores = take(blockOf(scoreRow));
          const queries = take(blockOf(row));
          const sums = take(blockOf(row));
          const inverses = take(i32.const(4 * BLOCK_ROWS));
          const verdict = take(i32.const(64));
          f.call(routines.packPanels, unit.key, args.keyStep, args.keyToken, d, most, keys);
          f.call(routines.packPanels, unit.value, args.valueToken, args.valueStep, most, d, values);
          f.add(f32x4.store(verdict, f.splat(0)));
          checkPanels(f, routines, rows, { panels: values, depth: most, n: d, verdict });
          const limit = f.keep(select(i32.const(BLOCK_ROWS), i32.const(1), allFinite(verdict)), 'i32');
          eachBlock(f, unit, limit, (m) => {
            const visible = mostVisible(f, entry, m);
            f.call(rows.gather, entry, m, unit.query, args.queryStep, d, args.scale, queries, row);
            multiply(f, routines, {
              ...{ a: queries, aRow: row, aStep: i32.const(4), panels: keys },
              ...{ m, n: wholePanels(visible, routines), k: d, out: scores, outRow: scoreRow },
              ...fromZero,
            });
            f.call(rows.weigh, entry, m, scores, scoreRow, visible, inverses);
            multiplyFirst(f, routines, {
              ...{ a: scores, aRow: scoreRow, aStep: i32.const(4), panels: values, depth: most },
              ...{ m, n: d, k: visible, out: sums, outRow: row },
              ...fromZero,
            });
            const results = i32.add(entry, i32.const(ROW.result));
            const out = i32.add(args.out, unit.result);
            f.call(rows.scatter, results, m, sums, row, d, inverses, i32.const(4), out);
          });
        },
      );
    });
  });
}

/**
 * The gradients of the attention of one head and all queries that read its keys, in blocks of queries. From the gradient
 * G of O, with E and t as in the forward, and G′ = G / t, which spares a division of E:
 *
 *     δ = Σ G′ ∘ O              row by row
 *     dS = E ∘ (G′ Vᵀ − δ)
 *     dV += Eᵀ G′,  dK += dSᵀ (scale · Q),  dQ = scale · dS K
 *
 * Where the keys, the values, or the queries and gradients of a block are not all finite, blocks have one query: see
 * the forward.
 */
import { f32, f32x4, i32, select } from '../assembler/instructions.ts';
import type { FunctionBuilder, KernelFunction, ModuleBuilder } from '../assembler/module.ts';
import { addToSum, eachVector, load, masked, startSum, store, totalOf } from '../assembler/vectors.ts';
import type { MatmulRoutines } from '../matmul/simd-routines.ts';
import { allFinite, checkPanels, multiply, multiplyFirst, wholePanels } from './simd-products.ts';
import { type AttentionRows, clearBehind, eachEight, eachEntry, loadEight, storeEight } from './simd-rows.ts';
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
export function backwardBytes(panelBytes: number, scoreRow: number, row: number, columns: number): number {
  const rows = 2 * scoreRow + 3 * row + blockPanelRow(row, columns) + 4 * columns + 4;
  return 3 * panelBytes + BLOCK_ROWS * rows + 2 * 64;
}

/** Bytes that a row of a head takes in panels. */
function blockPanelRow(row: number, columns: number): number {
  return 4 * columns * Math.ceil(row / (4 * columns));
}

export function emitBackward(
  module: ModuleBuilder,
  routines: MatmulRoutines,
  rows: AttentionRows,
): KernelFunction {
  const divide = emitDivide(module, routines.columns);
  const slope = emitSlope(module);
  return attentionKernel(module, 'attentionBackward', (f, args, part) => {
    const { d, row, scoreRow, zeros, keys } = args;
    const four = i32.const(4);
    const fromZero = { initial: zeros, initialRow: i32.const(0), initialColumn: i32.const(0) };
    const rowsBytes = f.keep(i32.shl(d, i32.const(2)), 'i32');
    eachUnit(f, part, args, (unit) => {
      const { entry, batch, head, most, take } = unit;
      const dQuery = f.keep(i32.add(args.out, unit.result), 'i32');
      f.if(
        i32.ltS(batch, i32.const(0)),
        () => clearPadding(f, rows, unit, d, args.out),
        () => {
          const keyColumns = take(args.panelBytes);
          const keyRows = take(args.panelBytes);
          const valueColumns = take(args.panelBytes);
          const weights = take(blockOf(scoreRow));
          const slopes = take(blockOf(scoreRow));
          const queries = take(blockOf(row));
          const gradients = take(blockOf(row));
          const sums = take(blockOf(row));
          const means = take(i32.const(BLOCK_ROWS * 4 * routines.columns));
          const inverses = take(i32.const(4 * BLOCK_ROWS));
          const verdict = take(i32.const(64));
          const factor = take(i32.const(64));
          const panels = take(i32.const(0)); // all that is left

          const count = f.keep(i32.mul(keys, d), 'i32');
          const place = i32.mul(i32.add(i32.mul(batch, args.heads), head), count);
          const bytes = f.keep(i32.shl(place, i32.const(2)), 'i32');
          const dKey = f.keep(i32.add(args.dKey, bytes), 'i32');
          const dValue = f.keep(i32.add(args.dValue, bytes), 'i32');
          f.call(rows.clear, dKey, count);
          f.call(rows.clear, dValue, count);

          f.call(routines.packPanels, unit.key, args.keyStep, args.keyToken, d, most, keyColumns);
          f.call(routines.packPanels, unit.key, args.keyToken, args.keyStep, most, d, keyRows);
          f.call(routines.packPanels, unit.value, args.valueStep, args.valueToken, d, most, valueColumns);
          f.add(f32x4.store(verdict, f.splat(0)));
          checkPanels(f, routines, rows, { panels: keyRows, depth: most, n: d, verdict });
          checkPanels(f, routines, rows, { panels: valueColumns, depth: d, n: most, verdict });
          const limit = f.keep(select(i32.const(BLOCK_ROWS), i32.const(1), allFinite(verdict)), 'i32');
          f.add(f32.store(factor, args.scale));

          eachBlock(f, unit, limit, (m) => {
            const results = f.keep(i32.add(entry, i32.const(ROW.result)), 'i32');
            const g = i32.add(args.gradient, unit.result);
            f.call(rows.gather, entry, m, unit.query, args.queryStep, d, args.scale, queries, row);
            f.call(rows.gather, results, m, g, four, d, f32.const(1), gradients, row);
            f.if(i32.gtS(m, i32.const(1)), () => {
              const vectors = f.keep(i32.shrU(i32.mul(m, row), four), 'i32');
              f.add(f32x4.store(verdict, f.splat(0)));
              f.call(rows.check, queries, vectors, verdict);
              f.call(rows.check, gradients, vectors, verdict);
              f.set(m, select(m, i32.const(1), allFinite(verdict)));
            });
            const visible = mostVisible(f, entry, m);
            const scoreCount = f.keep(wholePanels(visible, routines), 'i32');
            multiply(f, routines, {
              ...{ a: queries, aRow: row, aStep: four, panels: keyColumns },
              ...{ m, n: scoreCount, k: d, out: weights, outRow: scoreRow },
              ...fromZero,
            });
            f.call(rows.weigh, entry, m, weights, scoreRow, visible, inverses);
            const output = i32.add(args.output, unit.result);
            f.call(divide, results, m, gradients, row, d, inverses, output, means);
            multiply(f, routines, {
              ...{ a: gradients, aRow: row, aStep: four, panels: valueColumns },
              ...{ m, n: scoreCount, k: d, out: slopes, outRow: scoreRow },
              ...{ initial: means, initialRow: i32.const(4 * routines.columns), initialColumn: i32.const(0) },
            });
            f.call(slope, entry, m, weights, slopes, scoreRow, visible);

            f.call(routines.packPanels, gradients, row, four, m, d, panels);
            multiply(f, routines, {
              ...{ a: weights, aRow: four, aStep: scoreRow, panels },
              ...{ m: visible, n: d, k: m, out: dValue, outRow: rowsBytes },
              ...{ initial: dValue, initialRow: rowsBytes, initialColumn: four },
            });
            f.call(routines.packPanels, queries, row, four, m, d, panels);
            multiply(f, routines, {
              ...{ a: slopes, aRow: four, aStep: scoreRow, panels },
              ...{ m: visible, n: d, k: m, out: dKey, outRow: rowsBytes },
              ...{ initial: dKey, initialRow: rowsBytes, initialColumn: four },
            });
            multiplyFirst(f, routines, {
              ...{ a: slopes, aRow: scoreRow, aStep: four, panels: keyRows, depth: most },
              ...{ m, n: d, k: visible, out: sums, outRow: row },
              ...fromZero,
            });
            f.call(rows.scatter, results, m, sums, row, d, factor, i32.const(0), dQuery);
          });
        },
      );
    });
  });
}

/**
 * divide(entries, count, gradients, row, d, inverses, output, means): G′ = G · (1 / t), and −δ into each column of a
 * panel's row of `means`, for a product to begin with.
 */
function emitDivide(module: ModuleBuilder, columns: number): FunctionBuilder {
  return module.function('divide', new Array(8).fill('i32'), (f, parameters) => {
    const [entries, count, gradients, row, d, inverses, output, means] = parameters;
    eachEntry(f, entries, count, () => {
      const outputRow = f.keep(i32.add(output, i32.load(entries)), 'i32');
      const inverse = f.keep(f32x4.loadSplat(inverses));
      const sum = startSum(f);
      eachVector(f, d, (lanes) => {
        const [gs, os] = [load(f, lanes, gradients), load(f, lanes, outputRow)];
        const divided = gs.map((g) => f.keep(f32x4.mul(g, inverse)));
        const products = divided.map((g, i) => f.keep(f32x4.mul(g, os[i])));
        store(f, { ...lanes, rest: null }, gradients, divided);
        addToSum(f, sum, masked(f, lanes, products, f.splat(0)));
      });
      const mean = f.keep(f32x4.neg(f32x4.splat(f32.demote(totalOf(f, sum)))));
      for (let column = 0; column < columns; column += 4) f.add(f32x4.store(means, mean, 4 * column));
      f.advance(means, 4 * columns);
      f.advance(gradients, row);
      f.advance(inverses, 4);
    });
  });
}

/** slope(entries, count, weights, slopes, rowBytes, most): slopes ∘= weights over the keys that a query reads, 0 beyond. */
function emitSlope(module: ModuleBuilder): FunctionBuilder {
  return module.function('slope', new Array(6).fill('i32'), (f, parameters) => {
    const [entries, count, weights, slopes, rowBytes, most] = parameters;
    const apart = f.local('i32');
    eachEntry(f, entries, count, () => {
      const visible = f.keep(i32.load(entries, ROW.visible), 'i32');
      f.set(apart, i32.sub(weights, slopes));
      eachEight(f, slopes, visible, (eight) => {
        const es = loadEight(f, i32.add(eight.at, apart));
        const products = loadEight(f, eight.at).map((value, i) => f.keep(f32x4.mul(value, es[i])));
        storeEight(f, eight, products);
      });
      clearBehind(f, slopes, visible, most);
      f.advance(weights, rowBytes);
      f.advance(slopes, rowBytes);
    });
  });
}

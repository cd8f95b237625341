/**
 * The attention of few queries, as when a text is generated token by token: keys and values are read where they stand,
 * once for each query, since packing them would cost more than it saves. Their rows must be contiguous. Every sum runs in
 * the same order as in simd-forward.ts: a text read token by token has the bits of one read at once.
 */
import { f32, f32x4, i32, select } from '../assembler/instructions.ts';
import {
  type FunctionBuilder,
  fourTimes,
  type KernelFunction,
  type ModuleBuilder,
} from '../assembler/module.ts';
import { eachVector, load, store } from '../assembler/vectors.ts';
import { multiplyAdd, transpose } from '../matmul/simd-routines.ts';
import { type AttentionRows, eachEntry } from './simd-rows.ts';
import { ROW } from './simd-table.ts';
import { attentionKernel, clearPadding, eachUnit, rowsOf } from './simd-units.ts';

/** Bytes of scratch for a part. */
export function fewBytes(scoreRow: number, row: number): number {
  return scoreRow + 2 * row + 16;
}

export function emitFew(module: ModuleBuilder, rows: AttentionRows): KernelFunction {
  const dots = emitDots(module);
  const combine = emitCombine(module);
  return attentionKernel(module, 'attentionOfFew', (f, args, part) => {
    const { d, row, scoreRow } = args;
    const one = i32.const(1);
    eachUnit(f, part, args, (unit) => {
      const { entry, take } = unit;
      const out = f.keep(i32.add(args.out, unit.result), 'i32');
      f.if(
        i32.ltS(unit.batch, i32.const(0)),
        () => clearPadding(f, rows, unit, d, args.out),
        () => {
          const scores = take(scoreRow);
          const query = take(row);
          const sum = take(row);
          const inverse = take(i32.const(16));
          const count = rowsOf(unit);
          eachEntry(f, entry, count, () => {
            const visible = f.keep(i32.load(entry, ROW.visible), 'i32');
            f.call(rows.gather, entry, one, unit.query, args.queryStep, d, args.scale, query, row);
            f.call(dots, query, unit.key, args.keyToken, visible, d, scores);
            f.call(rows.weigh, entry, one, scores, scoreRow, visible, inverse);
            f.call(combine, scores, unit.value, args.valueToken, visible, d, sum);
            const result = i32.add(entry, i32.const(ROW.result));
            f.call(rows.scatter, result, one, sum, row, d, inverse, i32.const(0), out);
          });
        },
      );
    });
  });
}

/**
 * dots(query, rows, rowBytes, count, d, out): the products of one row with `count` others; `out` has room for 3 more. Four
 * at a time, blocks of 4 × 4 turned in registers, so that each sum runs in the order of d.
 */
function emitDots(module: ModuleBuilder): FunctionBuilder {
  return module.function('dots', new Array(6).fill('i32'), (f, [query, first, rowBytes, count, d, out]) => {
    const last = f.keep(i32.sub(count, i32.const(1)), 'i32');
    const rows = f.locals('i32', 4);
    const [at, end, wholeEnd] = f.locals('i32', 3);
    const sum = f.local('v128');
    f.set(end, i32.add(query, fourTimes(d)));
    f.set(wholeEnd, i32.add(query, fourTimes(i32.and(d, i32.const(-4)))));
    f.for(i32.const(0), count, 4, (j) => {
      rows.forEach((row, r) => {
        const number = f.keep(i32.add(j, i32.const(r)), 'i32');
        const inside = select(number, last, i32.ltS(number, last));
        f.set(row, i32.add(first, i32.mul(inside, rowBytes)));
      });
      f.set(sum, f.splat(0));
      f.set(at, query);
      f.while(i32.ltU(at, wholeEnd), () => {
        const block = rows.map((row) => f.keep(f32x4.load(row)));
        transpose(f, block).forEach((column, u) => {
          f.set(sum, multiplyAdd(module, f32x4.loadSplat(at, 4 * u), column, sum));
        });
        for (const row of rows) f.advance(row, 16);
        f.advance(at, 16);
      });
      f.while(i32.ltU(at, end), () => {
        const column = f.local('v128');
        rows.forEach((row, r) => {
          const element = f32.load(row);
          f.set(column, r === 0 ? f32x4.splat(element) : f32x4.replaceLane(column, r, element));
          f.advance(row, 4);
        });
        f.set(sum, multiplyAdd(module, f32x4.loadSplat(at), column, sum));
        f.advance(at, 4);
      });
      f.add(f32x4.store(out, sum));
      f.advance(out, 16);
    });
  });
}

/** combine(weights, rows, rowBytes, count, d, out): the sum of `count` rows, each times its weight, in their order. */
function emitCombine(module: ModuleBuilder): FunctionBuilder {
  const types = new Array(6).fill('i32');
  return module.function('combine', types, (f, [weights, first, rowBytes, count, d, out]) => {
    const [row, weight] = f.locals('i32', 2);
    const end = f.keep(i32.add(weights, fourTimes(count)), 'i32');
    eachVector(f, d, (lanes) => {
      const sums = Array.from({ length: lanes.count }, () => f.keep(f.splat(0)));
      f.set(row, first);
      f.set(weight, weights);
      f.while(i32.ltU(weight, end), () => {
        const factor = f.keep(f32x4.loadSplat(weight));
        load(f, lanes, row).forEach((value, i) => {
          f.set(sums[i], multiplyAdd(module, factor, value, sums[i]));
        });
        f.advance(row, rowBytes);
        f.advance(weight, 4);
      });
      store(f, { ...lanes, rest: null }, out, sums);
    });
  });
}

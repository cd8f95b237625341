/** What attention kernels do with rows of queries, scores and results, each a function for them to call. */
import { f32, f32x4, f64, f64x2, i32, i32x4, type Value, v128 } from '../assembler/instructions.ts';
import { type FunctionBuilder, fourTimes, type Local, type ModuleBuilder } from '../assembler/module.ts';
import { eachVector, highHalf, largestLane, load, masked, store } from '../assembler/vectors.ts';
import { expBelowZero } from '../softmax/simd-exp.ts';
import { ROW } from './simd-table.ts';

/** Scores are taken eight at a time: a row of them has room for as many beyond its last. */
const EIGHT = 32; // bytes

export interface AttentionRows {
  /**
   * gather(entries, count, from, stepBytes, d, factor: f32, to, toRowBytes): copies rows, found by the entries of the
   * table (moved to the field that counts), times a factor. The lanes behind a row's end become 0.
   */
  readonly gather: FunctionBuilder;
  /** scatter(entries, count, from, fromRowBytes, d, factors, factorBytes, to): puts rows back, each times its factor. */
  readonly scatter: FunctionBuilder;
  /** clearRows(entries, count, d, to): rows of zeros. */
  readonly clearRows: FunctionBuilder;
  /** clear(to, count): zeros. */
  readonly clear: FunctionBuilder;
  /** check(from, count, verdict): adds NaN to the vector `verdict` if a number of the next `count` vectors is not finite. */
  readonly check: FunctionBuilder;
  /**
   * weigh(entries, count, scores, rowBytes, most, inverses): scores s of each row become e^(s − max) over the keys that
   * it reads, 0 from there to `most`; 1 / their sum goes to `inverses`.
   */
  readonly weigh: FunctionBuilder;
}

export function emitAttentionRows(module: ModuleBuilder): AttentionRows {
  const clear = module.function('clear', ['i32', 'i32'], (f, [to, count]) =>
    eachVector(f, count, (lanes) =>
      store(
        f,
        lanes,
        to,
        Array.from({ length: lanes.count }, () => f.splat(0)),
      ),
    ),
  );
  return {
    gather: emitGather(module),
    scatter: emitScatter(module),
    clear,
    clearRows: module.function('clearRows', new Array(4).fill('i32'), (f, [entries, count, d, to]) =>
      eachEntry(f, entries, count, () => f.call(clear, i32.add(to, i32.load(entries)), d)),
    ),
    check: emitCheck(module),
    weigh: emitWeigh(module),
  };
}

/** For `count` rows of the table, `entry` standing at each in turn. */
export function eachEntry(f: FunctionBuilder, entry: Local, count: Value, body: () => void): void {
  f.for(i32.const(0), count, 1, () => {
    body();
    f.advance(entry, ROW.bytes);
  });
}

function emitGather(module: ModuleBuilder): FunctionBuilder {
  const types = ['i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'i32', 'i32'] as const;
  return module.function('gather', types, (f, [entries, count, from, step, d, factor, to, toRow]) => {
    const factors = f.keep(f32x4.splat(factor));
    const at = f.local('i32');
    eachEntry(f, entries, count, () => {
      f.set(at, i32.add(from, i32.load(entries)));
      f.if(
        i32.eq(step, i32.const(4)),
        () => {
          eachVector(f, d, (lanes) => {
            const scaled = load(f, lanes, at).map((x) => f.keep(f32x4.mul(x, factors)));
            const results = masked(f, lanes, scaled, f.splat(0));
            store(f, { ...lanes, rest: null }, to, results);
          });
        },
        () => {
          const end = f.keep(i32.add(to, fourTimes(d)), 'i32');
          const place = f.keep(to, 'i32');
          f.add(f32x4.store(i32.add(to, i32.sub(toRow, i32.const(16))), f.splat(0)));
          f.while(i32.ltU(place, end), () => {
            f.add(f32.store(place, f32.mul(f32.load(at), factor)));
            f.advance(place, 4);
            f.advance(at, step);
          });
        },
      );
      f.advance(to, toRow);
    });
  });
}

function emitScatter(module: ModuleBuilder): FunctionBuilder {
  return module.function('scatter', new Array(8).fill('i32'), (f, parameters) => {
    const [entries, count, from, fromRow, d, factors, factorStep, to] = parameters;
    eachEntry(f, entries, count, () => {
      const factor = f.keep(f32x4.loadSplat(factors));
      const row = f.keep(i32.add(to, i32.load(entries)), 'i32');
      eachVector(f, d, (lanes) => {
        const results = load(f, lanes, from).map((x) => f32x4.mul(x, factor));
        store(f, lanes, row, results);
      });
      f.advance(from, fromRow);
      f.advance(factors, factorStep);
    });
  });
}

function emitCheck(module: ModuleBuilder): FunctionBuilder {
  return module.function('check', ['i32', 'i32', 'i32'], (f, [from, count, verdict]) => {
    const sum = f.keep(f32x4.load(verdict));
    // 0 times a number is 0 (or −0) if it is finite, and NaN otherwise.
    f.for(i32.const(0), count, 1, () => {
      f.set(sum, f32x4.add(sum, f32x4.mul(f32x4.load(from), f.splat(0))));
      f.advance(from, 16);
    });
    f.add(f32x4.store(verdict, sum));
  });
}

/** Some of a row's scores: a whole eight of them, or the last few, with a mask for either vector. */
interface Eight {
  readonly at: Local;
  readonly masks: readonly Local[] | null;
}

/** Calls `body` to emit the work on the first `count` scores of a row, eight at a time. */
export function eachEight(f: FunctionBuilder, row: Value, count: Local, body: (eight: Eight) => void): void {
  const at = f.keep(row, 'i32');
  const end = f.keep(i32.add(at, fourTimes(i32.and(count, i32.const(-8)))), 'i32');
  f.while(i32.ltU(at, end), () => {
    body({ at, masks: null });
    f.advance(at, EIGHT);
  });
  const rest = f.keep(i32.and(count, i32.const(7)), 'i32');
  f.if(rest, () => {
    const limit = f.keep(i32x4.splat(rest));
    const masks = [
      f.keep(i32x4.ltS(f.constant('lanes 0 1 2 3', v128.const([0, 1, 2, 3])), limit)),
      f.keep(i32x4.ltS(f.constant('lanes 4 5 6 7', v128.const([4, 5, 6, 7])), limit)),
    ];
    body({ at, masks });
  });
}

export function loadEight(f: FunctionBuilder, at: Value): Local[] {
  return [f.keep(f32x4.load(at)), f.keep(f32x4.load(at, 16))];
}

export function storeEight(f: FunctionBuilder, { at, masks }: Eight, values: readonly Value[]): void {
  // Values before stores: the engine can join the two vectors then.
  const kept = values.map((value, i) => f.keep(masks ? v128.and(value, masks[i]) : value));
  f.add(f32x4.store(at, kept[0]), f32x4.store(at, kept[1], 16));
}

/** Zeros from the eight behind the first `count` scores up to `most`. */
export function clearBehind(f: FunctionBuilder, row: Value, count: Value, most: Value): void {
  const eights = i32.and(i32.add(count, i32.const(7)), i32.const(-8));
  const at = f.keep(i32.add(row, fourTimes(eights)), 'i32');
  const end = f.keep(i32.add(row, fourTimes(most)), 'i32');
  f.while(i32.ltU(at, end), () => {
    f.add(f32x4.store(at, f.splat(0)), f32x4.store(at, f.splat(0), 16));
    f.advance(at, EIGHT);
  });
}

function emitWeigh(module: ModuleBuilder): FunctionBuilder {
  return module.function('weigh', new Array(6).fill('i32'), (f, parameters) => {
    const [entries, count, scores, rowBytes, most, inverses] = parameters;
    const lowest = f.splat(Number.NEGATIVE_INFINITY);
    const [visible] = f.locals('i32', 1);
    const largest = f.locals('v128', 2);
    const sums = f.locals('v128', 2);
    eachEntry(f, entries, count, () => {
      f.set(visible, i32.load(entries, ROW.visible));
      for (const local of largest) f.set(local, lowest);
      eachEight(f, scores, visible, ({ at, masks }) => {
        loadEight(f, at).forEach((value, i) => {
          const score = masks ? v128.bitselect(value, lowest, masks[i]) : value;
          f.set(largest[i], f32x4.greater(largest[i], score));
        });
      });
      const max = largestLane(f, largest);
      for (const local of sums) f.set(local, f.constant('f64 0', v128.const([0, 0, 0, 0])));
      eachEight(f, scores, visible, (eight) => {
        const powers = loadEight(f, eight.at).map((value) => expBelowZero(f, f32x4.sub(value, max)));
        const { masks } = eight;
        const counted = masks ? powers.map((power, i) => f.keep(v128.and(power, masks[i]))) : powers;
        storeEight(f, { at: eight.at, masks: null }, counted);
        const pairs = f.keep(f32x4.add(counted[0], counted[1]));
        f.set(sums[0], f64x2.add(sums[0], f64x2.promoteLow(pairs)));
        f.set(sums[1], f64x2.add(sums[1], f64x2.promoteLow(highHalf(pairs))));
      });
      clearBehind(f, scores, visible, most);
      const both = f.keep(f64x2.add(sums[0], sums[1]));
      const total = f64.add(f64x2.lane(both, 0), f64x2.lane(both, 1));
      f.add(f32.store(inverses, f32.demote(f64.div(f64.const(1), total))));
      f.advance(inverses, 4);
      f.advance(scores, rowBytes);
    });
  });
}

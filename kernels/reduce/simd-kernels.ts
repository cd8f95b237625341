/**
 * The loops of the reductions. A result stands at (group, column), an element that goes into it at (repeat, step):
 *
 *     result[group · columns + column] = fold of x[groupTable[group] + column · columnStride + repeatTable[repeat] + step · stepStride]
 *
 * Sums and products run in float64 and are rounded once, at the end; max and min let NaN win. A chunk leaves its fold in
 * float64 for `join`.
 */
import { type Code, f32, f32x4, f64, f64x2, i32, type Value, v128 } from '../assembler/instructions.ts';
import {
  type FunctionBuilder,
  fourTimes,
  type KernelFunction,
  type Local,
  type ModuleBuilder,
} from '../assembler/module.ts';
import { highHalf, piecesOf, storeFirst } from '../assembler/vectors.ts';
import type { Reduction } from '../contract.ts';

/** Neighbouring results that `across` makes at a time: a cache line of float32. */
export const COLUMNS = 16;
/** Results that `strided` makes at a time, so that additions need not wait for one another. */
export const FEW = 4;

export interface ReduceKernels {
  /** Where stepStride is 1: vectors run along the steps. */
  along: KernelFunction;
  /** Where columnStride is 1: vectors run across the columns. A piece is COLUMNS of them, or what is left of a group. */
  across: KernelFunction;
  /** For any strides: element by element in reading order. A piece is FEW columns, or what is left of a group. */
  strided: KernelFunction;
  /** Folds chunk after chunk. */
  join: KernelFunction;
}

/** One of the reductions on vectors of float32 in memory and on single float64. */
interface Fold {
  readonly start: number;
  /** Elements in an accumulator: two float64 or four float32. */
  readonly lanes: 2 | 4;
  /** An accumulator at the beginning. */
  readonly accumulator: Code;
  /** An accumulator that has taken in the elements at an address. */
  take(accumulator: Value, address: Value, offset: number): Value;
  /** Two accumulators in one. */
  merge(a: Value, b: Value): Value;
  single(a: Value, b: Value): Value;
  pair(a: Value, b: Value): Value;
}

function foldOf(kind: Reduction): Fold {
  switch (kind) {
    case 'sum':
      return summing(0, f64x2.add, f64.add);
    case 'prod':
      return summing(1, f64x2.mul, f64.mul);
    case 'max':
      return comparing(Number.NEGATIVE_INFINITY, f32x4.max, f64x2.max, f64.max);
    case 'min':
      return comparing(Number.POSITIVE_INFINITY, f32x4.min, f64x2.min, f64.min);
  }
}

type Binary = (a: Value, b: Value) => Value;

/** In float64. Loading two numbers and widening them is one instruction of the processor. */
function summing(start: number, pair: Binary, single: Binary): Fold {
  return {
    start,
    lanes: 2,
    accumulator: f64x2.splat(f64.const(start)),
    take: (accumulator, address, offset) =>
      pair(accumulator, f64x2.promoteLow(f32x4.loadTwo(address, offset))),
    merge: pair,
    single,
    pair,
  };
}

/** In float32: a comparison loses nothing. */
function comparing(start: number, four: Binary, pair: Binary, single: Binary): Fold {
  return {
    start,
    lanes: 4,
    accumulator: f32x4.splat(f32.const(start)),
    take: (accumulator, address, offset) => four(accumulator, f32x4.load(address, offset)),
    merge: four,
    single,
    pair,
  };
}

const parameters = [
  'x', 'out', 'groupTable', 'repeatTable',
  'columns', 'columnStride', 'results',
  'repeats', 'steps', 'stepStride',
  'pieces', 'perPart', 'chunks', 'repeatsPerChunk', 'stepsPerChunk', 'stepChunks',
]; // biome-ignore format: what belongs together

/** Where a part stands: its pieces, and which repeats and steps its chunk takes. */
interface Place {
  readonly firstPiece: Local;
  readonly lastPiece: Local;
  /** Calls `body` to emit the work for each repeat, with the address of its first step. */
  eachRepeat(start: Value, body: (address: Local) => void): void;
  /** Steps of each repeat. */
  readonly steps: Local;
  /** Writes results from number `index` on, to memory that chunks fill in float64. */
  save(index: Value, direct: (address: Local) => void, widened: (address: Local) => void): void;
}

function placeOf(f: FunctionBuilder, args: readonly Local[], part: Local): Place {
  const [, out, , repeatTable, , , results, repeats, steps, stepStride] = args;
  const [pieces, perPart, chunks, repeatsPerChunk, stepsPerChunk, stepChunks] = args.slice(10);
  const chunk = f.keep(i32.remU(part, chunks), 'i32');
  const own = piecesOf(f, f.keep(i32.divU(part, chunks), 'i32'), perPart, pieces);
  const turn = f.keep(i32.divU(chunk, stepChunks), 'i32');
  const inRepeats = piecesOf(f, turn, repeatsPerChunk, repeats);
  const inSteps = piecesOf(f, f.keep(i32.remU(chunk, stepChunks), 'i32'), stepsPerChunk, steps);
  const firstStep = f.keep(i32.mul(inSteps.first, stepStride), 'i32');
  const [entries, entriesEnd] = [inRepeats.first, inRepeats.last].map((repeat) =>
    f.keep(i32.add(repeatTable, fourTimes(repeat)), 'i32'),
  );
  const target = f.keep(i32.add(out, i32.shl(i32.mul(chunk, results), i32.const(3))), 'i32');
  return {
    firstPiece: own.first,
    lastPiece: own.last,
    steps: f.keep(i32.sub(inSteps.last, inSteps.first), 'i32'),
    eachRepeat: (start, body) => {
      const origin = f.keep(i32.add(start, firstStep), 'i32');
      const entry = f.keep(entries, 'i32');
      f.while(i32.ltU(entry, entriesEnd), () => {
        body(f.keep(i32.add(origin, i32.load(entry)), 'i32'));
        f.advance(entry, 4);
      });
    },
    save: (index, direct, widened) => {
      const number = f.keep(index, 'i32');
      f.if(
        i32.eq(chunks, i32.const(1)),
        () => direct(f.keep(i32.add(out, fourTimes(number)), 'i32')),
        () => widened(f.keep(i32.add(target, i32.shl(number, i32.const(3))), 'i32')),
      );
    },
  };
}

export function emitReduce(module: ModuleBuilder, kind: Reduction): ReduceKernels {
  const fold = foldOf(kind);
  return {
    along: module.kernel(`${kind} along`, parameters, (f, args, part) => emitAlong(f, fold, args, part)),
    across: module.kernel(`${kind} across`, parameters, (f, args, part) => emitAcross(f, fold, args, part)),
    strided: module.kernel(`${kind} of strides`, parameters, (f, args, part) =>
      emitStrided(f, fold, args, part),
    ),
    join: module.kernel(`${kind} of chunks`, ['partials', 'out', 'results', 'chunks'], (f, args) =>
      emitJoin(f, fold, args),
    ),
  };
}

function emitAlong(f: FunctionBuilder, fold: Fold, args: readonly Local[], part: Local): void {
  const [x, , groupTable, , columns, columnStride] = args;
  const place = placeOf(f, args, part);
  const accumulators = f.locals('v128', 4);
  const stretch = 4 * fold.lanes * accumulators.length; // bytes
  const bytes = f.keep(fourTimes(place.steps), 'i32');
  const wholeBytes = f.keep(i32.and(bytes, i32.const(-stretch)), 'i32');
  const start = f.constant('start', fold.accumulator);
  const single = f.local('f64');
  eachPiece(f, place, columns, 1, (group, column, result) => {
    for (const accumulator of accumulators) f.set(accumulator, start);
    f.set(single, f64.const(fold.start));
    const at = i32.add(x, i32.load(i32.add(groupTable, fourTimes(group))));
    place.eachRepeat(i32.add(at, i32.mul(column, columnStride)), (address) => {
      const end = f.keep(i32.add(address, bytes), 'i32');
      const wholeEnd = f.keep(i32.add(address, wholeBytes), 'i32');
      f.while(i32.ltU(address, wholeEnd), () => {
        takeIn(f, fold, accumulators, address);
        f.advance(address, stretch);
      });
      f.while(i32.ltU(address, end), () => {
        f.set(single, fold.single(single, f64.promote(f32.load(address))));
        f.advance(address, 4);
      });
    });
    const total = f.keep(fold.single(allLanes(f, fold, accumulators), single), 'f64');
    saveSingle(f, place, result, total);
  });
}

function emitStrided(f: FunctionBuilder, fold: Fold, args: readonly Local[], part: Local): void {
  const [x, , groupTable, , columns, columnStride, , , , stepStride] = args;
  const place = placeOf(f, args, part);
  const totals = f.locals('f64', FEW);
  const offsets = totals.map((_, i) => f.keep(i32.mul(columnStride, i32.const(i)), 'i32'));
  eachPiece(f, place, columns, FEW, (group, column, result, rest) => {
    const at = f.keep(i32.add(x, i32.load(i32.add(groupTable, fourTimes(group)))), 'i32');
    const sweep = (count: number): void => {
      const own = totals.slice(0, count);
      for (const total of own) f.set(total, f64.const(fold.start));
      place.eachRepeat(i32.add(at, i32.mul(column, columnStride)), (address) => {
        f.for(i32.const(0), place.steps, 1, () => {
          own.forEach((total, i) => {
            const value = f32.load(i === 0 ? address : i32.add(address, offsets[i]));
            f.set(total, fold.single(total, f64.promote(value)));
          });
          f.advance(address, stepStride);
        });
      });
      own.forEach((total, i) => saveSingle(f, place, i32.add(result, i32.const(i)), total));
    };
    f.if(
      i32.geS(rest, i32.const(FEW)),
      () => sweep(FEW),
      () => {
        f.while(i32.gtS(rest, i32.const(0)), () => {
          sweep(1);
          f.advance(result, 1);
          f.advance(column, 1);
          f.advance(rest, -1);
        });
      },
    );
  });
}

function emitAcross(f: FunctionBuilder, fold: Fold, args: readonly Local[], part: Local): void {
  const [x, , groupTable, , columns, , , , , stepStride] = args;
  const place = placeOf(f, args, part);
  const start = f.constant('start', fold.accumulator);
  const accumulators = f.locals('v128', COLUMNS / fold.lanes);
  /** Folds as many neighbouring columns as these accumulators hold. */
  const sweep = (own: readonly Local[], at: Local): void => {
    for (const accumulator of own) f.set(accumulator, start);
    place.eachRepeat(at, (address) => {
      f.for(i32.const(0), place.steps, 1, () => {
        takeIn(f, fold, own, address);
        f.advance(address, stepStride);
      });
    });
  };
  eachPiece(f, place, columns, COLUMNS, (group, column, result, rest) => {
    const at = i32.add(x, i32.load(i32.add(groupTable, fourTimes(group))));
    const address = f.keep(i32.add(at, fourTimes(column)), 'i32');
    f.if(
      i32.geS(rest, i32.const(COLUMNS)),
      () => {
        sweep(accumulators, address);
        saveColumns(f, fold, place, result, accumulators, null);
      },
      () => {
        const few = accumulators.slice(0, 4 / fold.lanes);
        f.while(i32.gtS(rest, i32.const(0)), () => {
          sweep(few, address);
          saveColumns(f, fold, place, result, few, rest);
          f.advance(address, 16);
          f.advance(result, 4);
          f.advance(rest, -4);
        });
      },
    );
  });
}

/**
 * Calls `body` for each piece of a part: its group, its first column, the number of the result there, and how many
 * columns there are from it on, of which the piece takes `width` or what is left. They are the body's to change.
 */
function eachPiece(
  f: FunctionBuilder,
  { firstPiece, lastPiece }: Place,
  columns: Local,
  width: number,
  body: (group: Local, column: Local, result: Local, rest: Local) => void,
): void {
  const perGroup = f.keep(i32.divU(i32.add(columns, i32.const(width - 1)), i32.const(width)), 'i32');
  const group = f.keep(i32.divU(firstPiece, perGroup), 'i32');
  const start = f.keep(i32.mul(i32.remU(firstPiece, perGroup), i32.const(width)), 'i32');
  f.for(firstPiece, lastPiece, 1, () => {
    const column = f.keep(start, 'i32');
    const result = f.keep(i32.add(i32.mul(group, columns), column), 'i32');
    body(group, column, result, f.keep(i32.sub(columns, column), 'i32'));
    f.advance(start, width);
    f.if(i32.geS(start, columns), () => {
      f.set(start, i32.const(0));
      f.advance(group, 1);
    });
  });
}

function saveSingle(f: FunctionBuilder, place: Place, result: Value, total: Local): void {
  place.save(
    result,
    (address) => f.add(f32.store(address, f32.demote(total))),
    (address) => f.add(f64.store(address, total)),
  );
}

/** Takes in the elements from an address on, as many as the accumulators hold. */
function takeIn(f: FunctionBuilder, fold: Fold, accumulators: readonly Local[], address: Value): void {
  accumulators.forEach((accumulator, i) => {
    f.set(accumulator, fold.take(accumulator, address, 4 * fold.lanes * i));
  });
}

/** One float64 of all lanes of all accumulators. */
function allLanes(f: FunctionBuilder, fold: Fold, accumulators: readonly Local[]): Value {
  let merged = [...accumulators] as Value[];
  while (merged.length > 1) {
    const half = merged.length / 2;
    merged = merged.slice(0, half).map((value, i) => fold.merge(value, merged[half + i]));
  }
  const lanes = f.keep(merged[0]);
  const pair = fold.lanes === 2 ? lanes : widened(f, lanes);
  return fold.single(f64x2.lane(pair, 0), f64x2.lane(pair, 1));

  function widened(f: FunctionBuilder, four: Local): Local {
    const [low, high] = [f64x2.promoteLow(four), f64x2.promoteLow(highHalf(four))];
    return f.keep(fold.pair(low, high));
  }
}

/** Writes neighbouring results; where `rest` says so, only so many of them. */
function saveColumns(
  f: FunctionBuilder,
  fold: Fold,
  place: Place,
  result: Local,
  accumulators: readonly Local[],
  rest: Local | null,
): void {
  place.save(
    result,
    (address) => {
      rounded(fold, accumulators).forEach((four, i) => {
        if (rest) storeFirst(f, address, f.keep(four), rest);
        else f.add(f32x4.store(address, four, 16 * i));
      });
    },
    (address) => {
      wide(fold, accumulators).forEach((two, i) => {
        if (!rest) f.add(f64x2.store(address, two, 16 * i));
        for (const lane of rest ? [0, 1] : []) {
          f.if(i32.gtS(rest as Local, i32.const(2 * i + lane)), () =>
            f.add(f64.store(address, f64x2.lane(two, lane), 16 * i + 8 * lane)),
          );
        }
      });
    },
  );
}

/** Accumulators as vectors of float32. */
function rounded(fold: Fold, accumulators: readonly Local[]): Value[] {
  if (fold.lanes === 4) return [...accumulators];
  const halves = accumulators.map((pair) => f32x4.demote(pair));
  return halves.flatMap((low, i) => (i % 2 === 0 ? [v128.shuffle(low, halves[i + 1], [0, 1, 4, 5])] : []));
}

/** Accumulators as vectors of float64. */
function wide(fold: Fold, accumulators: readonly Local[]): Value[] {
  if (fold.lanes === 2) return [...accumulators];
  return accumulators.flatMap((four) => [f64x2.promoteLow(four), f64x2.promoteLow(highHalf(four))]);
}

/** Four results at a time: chunks lie `results` float64 apart. Beyond the last result it reads what it does not write. */
function emitJoin(f: FunctionBuilder, fold: Fold, [partials, out, results, chunks]: readonly Local[]): void {
  const chunkBytes = f.keep(i32.shl(results, i32.const(3)), 'i32');
  const end = f.keep(i32.add(partials, i32.mul(chunks, chunkBytes)), 'i32');
  const both = f.locals('v128', 2);
  f.while(i32.gtS(results, i32.const(0)), () => {
    for (const pair of both) f.set(pair, f64x2.splat(f64.const(fold.start)));
    const address = f.keep(partials, 'i32');
    f.while(i32.ltU(address, end), () => {
      both.forEach((pair, i) => f.set(pair, fold.pair(pair, f64x2.load(address, 16 * i))));
      f.advance(address, chunkBytes);
    });
    const [low, high] = both.map((pair) => f32x4.demote(pair));
    storeFirst(f, out, f.keep(v128.shuffle(low, high, [0, 1, 4, 5])), results);
    f.advance(partials, 32);
    f.advance(out, 16);
    f.advance(results, -4);
  });
}

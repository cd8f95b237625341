/**
 * Walking along rows of float32 with vectors. Rows have any length; vectors have four lanes. Two vectors a turn, side by
 * side: that hides latencies, and an engine that can join two 128-bit vectors into one of 256 finds them ready.
 */
import { type Code, f32x4, f64, f64x2, i32, i32x4, type Value, v128 } from './instructions.ts';
import { type FunctionBuilder, fourTimes, type Local } from './module.ts';

/** Some neighbouring vectors of a row, as seen by what is done with them. */
export interface Lanes {
  /** Vectors side by side: 2 in the main loop, 1 at the end of a row. */
  readonly count: number;
  /** Bytes from the row's beginning. */
  readonly at: Local;
  /** At the end of a row: how many of the four lanes count, from 1 to 4. Null: all. */
  readonly rest: Local | null;
}

/**
 * Calls `body` to emit the work on two vectors at a time, and once more for the vectors at the end, where it must leave
 * alone the lanes beyond the row: `store` does, and `masked` puts a harmless value there.
 *
 * @param count elements of the row, i32
 */
export function eachVector(f: FunctionBuilder, count: Value, body: (lanes: Lanes) => void): void {
  const at = f.keep(i32.const(0), 'i32');
  const end = f.keep(fourTimes(count), 'i32');
  const pairsEnd = f.keep(i32.and(end, i32.const(-32)), 'i32');
  f.while(i32.ltU(at, pairsEnd), () => {
    body({ count: 2, at, rest: null });
    f.advance(at, 32);
  });
  f.while(i32.ltU(at, end), () => {
    const rest = f.keep(i32.shrU(i32.sub(end, at), i32.const(2)), 'i32');
    body({ count: 1, at, rest });
    f.advance(at, 16);
  });
}

/** The vectors of a row that begins at `row`: reads beyond its end stay inside the memory, but may hold anything. */
export function load(f: FunctionBuilder, { count, at }: Lanes, row: Value): Local[] {
  const address = f.keep(i32.add(row, at), 'i32');
  return Array.from({ length: count }, (_, i) => f.keep(f32x4.load(address, 16 * i)));
}

/** Writes the vectors into the row that begins at `row`, and nothing beyond its end. */
export function store(
  f: FunctionBuilder,
  { count, at, rest }: Lanes,
  row: Value,
  values: readonly Value[],
): void {
  const address = f.keep(i32.add(row, at), 'i32');
  if (!rest) {
    for (let i = 0; i < count; i++) f.add(f32x4.store(address, values[i], 16 * i));
    return;
  }
  storeFirst(f, address, f.keep(values[0]), rest);
}

/** Writes the first `rest` (1 and more; from 4 on, all) lanes of a vector. */
export function storeFirst(f: FunctionBuilder, address: Local, value: Local, rest: Local): void {
  f.if(
    i32.geS(rest, i32.const(4)),
    () => f.add(f32x4.store(address, value)),
    () => {
      f.if(
        i32.and(rest, i32.const(2)),
        () => {
          f.add(v128.storeHalf(address, value, 0));
          f.if(i32.and(rest, i32.const(1)), () => f.add(f32x4.storeLane(address, value, 2, 8)));
        },
        () => f.add(f32x4.storeLane(address, value, 0)),
      );
    },
  );
}

/** The vectors with `neutral` in the lanes beyond the row's end, so that they may be summed or compared. */
export function masked(
  f: FunctionBuilder,
  { rest }: Lanes,
  values: readonly Local[],
  neutral: Value,
): Local[] {
  if (!rest) return [...values];
  const lanes = f.constant('lanes 0 1 2 3', v128.const([0, 1, 2, 3]));
  const inside = i32x4.ltS(lanes, i32x4.splat(rest));
  return values.map((value) => f.keep(v128.bitselect(value, neutral, inside)));
}

/**
 * The pieces of a launch's part: from `first` to before `last`.
 *
 * @param perPart pieces a part, as `cut` gave them
 */
export function piecesOf(
  f: FunctionBuilder,
  part: Local,
  perPart: Value,
  count: Value,
): { first: Local; last: Local } {
  const first = f.keep(i32.mul(part, perPart), 'i32');
  const last = f.keep(i32.add(first, perPart), 'i32');
  f.if(i32.gtS(last, count), () => f.set(last, count));
  return { first, last };
}

/** A running sum of vectors of float32 in float64: two numbers a register, two registers a vector. */
export function startSum(f: FunctionBuilder): Local[] {
  const sum = f.locals('v128', 4);
  for (const part of sum) f.set(part, f.constant('f64 0', v128.const([0, 0, 0, 0])));
  return sum;
}

export function addToSum(f: FunctionBuilder, sum: readonly Local[], values: readonly Local[]): void {
  values.forEach((value, i) => {
    f.set(sum[2 * i], f64x2.add(sum[2 * i], f64x2.promoteLow(value)));
    f.set(sum[2 * i + 1], f64x2.add(sum[2 * i + 1], f64x2.promoteLow(highHalf(value))));
  });
}

/** Two vectors side by side as their sum, rounded once: half the work for a sum in float64. A single one as it is. */
export function together(f: FunctionBuilder, values: readonly Local[]): Local[] {
  return values.length === 2 ? [f.keep(f32x4.add(values[0], values[1]))] : [...values];
}

/** The float64 that the sum has come to. */
export function totalOf(f: FunctionBuilder, [a, b, c, d]: readonly Local[]): Local {
  const both = f.keep(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
  return f.keep(f64.add(f64x2.lane(both, 0), f64x2.lane(both, 1)), 'f64');
}

/** Lanes 2 and 3 in the place of 0 and 1. */
export function highHalf(value: Value): Code {
  return v128.shuffle(value, value, [2, 3, 2, 3]);
}

/** The largest of some vectors' lanes, in every lane; NaN wins. */
export function largestLane(f: FunctionBuilder, vectors: readonly Local[]): Local {
  const [first, ...others] = vectors;
  const lanes = f.keep(others.reduce<Value>((most, vector) => f32x4.max(most, vector), first));
  const pairs = f.keep(f32x4.max(lanes, highHalf(lanes)));
  return f.keep(
    f32x4.max(v128.shuffle(pairs, pairs, [0, 0, 0, 0]), v128.shuffle(pairs, pairs, [1, 1, 1, 1])),
  );
}

/**
 * Part `part` of work that is cut into rows of `columns` contiguous elements: calls `body` to emit the work on one row,
 * before which every address has been moved to that row. `body` is given the row's number, and the bytes of a row.
 */
export function eachRow(
  f: FunctionBuilder,
  part: Local,
  { rows, columns, perPart }: { rows: Value; columns: Value; perPart: Value },
  addresses: readonly Local[],
  body: (row: Local, rowBytes: Local) => void,
): void {
  const { first, last } = piecesOf(f, part, perPart, rows);
  const rowBytes = f.keep(fourTimes(columns), 'i32');
  for (const address of addresses) f.advance(address, i32.mul(first, rowBytes));
  f.for(first, last, 1, (row) => {
    body(row, rowBytes);
    for (const address of addresses) f.advance(address, rowBytes);
  });
}

/** The largest element of a row, in every lane; NaN is passed over; −∞ of an empty row. */
export function rowMaximum(f: FunctionBuilder, row: Value, columns: Value): Local {
  const most = f.locals('v128', 2);
  for (const local of most) f.set(local, f.splat(Number.NEGATIVE_INFINITY));
  eachVector(f, columns, (lanes) => {
    const values = masked(f, lanes, load(f, lanes, row), f.splat(Number.NEGATIVE_INFINITY));
    values.forEach((value, i) => f.set(most[i], f32x4.greater(most[i], value)));
  });
  return largestLane(f, most);
}

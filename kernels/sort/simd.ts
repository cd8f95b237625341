/**
 * Order along the last axis in WebAssembly. Each number becomes a whole number of the same order, so that ties, NaN and
 * zeros of either sign come out as in the reference, bit for bit.
 */
import { f32x4, i32, i32x4, i64, select, type Value, v128 } from '../assembler/instructions.ts';
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import {
  type FunctionBuilder,
  fourTimes,
  type KernelFunction,
  type Local,
  type ModuleBuilder,
} from '../assembler/module.ts';
import { eachRow, eachVector, load, masked } from '../assembler/vectors.ts';
import type { Kernels } from '../contract.ts';
import { sizeOf } from '../strides.ts';

type OrderKernels = Pick<Kernels<LinearBuffer>, 'sort' | 'argReduce'>;

/** What an element costs, in additions: in each round of merging, and in finding the largest. */
const [MERGED, COMPARED] = [8, 2];
/** Room for the rows being sorted, one for each part. */
const MOST_BYTES = 2 ** 24;

/** @param otherwise for other types than float32, and int32 where it is sorted */
export function simdOrder(machine: Machine, otherwise: OrderKernels): OrderKernels {
  const emittedSort = lazily(() => machine.module(emitSort));
  const emittedArg = lazily(() => machine.module(emitArgReduce));
  return {
    sort: (x, descending, values, indices) => {
      if (x.dtype !== 'float32' && x.dtype !== 'int32') return otherwise.sort(x, descending, values, indices);
      const columns = x.shape[x.shape.length - 1];
      const rows = columns === 0 ? 0 : sizeOf(x.shape) / columns;
      const rounds = Math.ceil(Math.log2(columns + 1));
      const roomBytes = 2 * ITEM * columns;
      const least = Math.ceil((rows * roomBytes) / MOST_BYTES);
      const perPart = Math.max(cut(rows, MERGED * rounds * columns).perPart, least);
      const parts = Math.ceil(rows / perPart);
      const from = machine.address(x);
      const [valuesAt, indicesAt] = [machine.address(values), machine.address(indices)];
      const room = machine.scratch(parts * roomBytes);
      machine.launch(
        emittedSort()[x.dtype], parts,
        from, valuesAt, indicesAt, rows, columns, perPart, room, roomBytes, descending ? -1 : 0,
      ); // biome-ignore format: what belongs together
    },
    argReduce: (kind, x, out) => {
      const columns = x.shape[x.shape.length - 1];
      if (x.dtype !== 'float32' || columns === 0) return otherwise.argReduce(kind, x, out);
      const rows = sizeOf(out.shape);
      const { perPart, parts } = cut(rows, COMPARED * columns);
      const [from, to] = [machine.address(x), machine.address(out)];
      machine.launch(emittedArg()[kind], parts, from, to, rows, columns, perPart);
    },
  };
}

/** Bytes of what is sorted: a key in the upper 32 bits and below it the position, which settles ties. */
const ITEM = 8;
/** Runs of so many items are sorted by insertion, then merged, each round into runs twice as long. */
const RUN = 8;

function emitSort(module: ModuleBuilder): Record<'float32' | 'int32', KernelFunction> {
  const kernel = (name: string, keyOf: (f: FunctionBuilder, bits: Local) => Value): KernelFunction =>
    module.kernel(
      name,
      ['x', 'values', 'indices', 'rows', 'columns', 'perPart', 'room', 'roomBytes', 'flip'],
      (f, [x, values, indices, rows, columns, perPart, room, roomBytes, flip], part) => {
        const own = f.keep(i32.add(room, i32.mul(part, roomBytes)), 'i32');
        const bytes = f.keep(i32.shl(columns, i32.const(3)), 'i32');
        const [items, other] = f.locals('i32', 2);
        eachRow(f, part, { rows, columns, perPart }, [x, values, indices], () => {
          f.set(items, own);
          f.set(other, i32.add(own, bytes));
          f.for(i32.const(0), columns, 1, (i) => {
            const bits = f.keep(i32.load(i32.add(x, fourTimes(i))), 'i32');
            const key = i64.extendS(i32.xor(keyOf(f, bits), flip));
            const item = i64.or(i64.shl(key, i64.const(32n)), i64.extendU(i));
            const run = i32.shl(i32.and(i, i32.const(-RUN)), i32.const(3));
            insert(f, i32.add(items, run), i32.add(items, i32.shl(i, i32.const(3))), item);
          });
          const width = f.keep(i32.const(RUN * ITEM), 'i32');
          f.while(i32.ltU(width, bytes), () => {
            mergeRuns(f, items, other, bytes, width);
            const sorted = f.keep(other, 'i32');
            f.set(other, items);
            f.set(items, sorted);
            f.set(width, i32.add(width, width));
          });
          f.for(i32.const(0), columns, 1, (i) => {
            const index = f.keep(i32.load(i32.add(items, i32.shl(i, i32.const(3)))), 'i32');
            f.add(i32.store(i32.add(indices, fourTimes(i)), index));
            f.add(i32.store(i32.add(values, fourTimes(i)), i32.load(i32.add(x, fourTimes(index)))));
          });
        });
      },
    );
  return { float32: kernel('sort', orderOfFloat), int32: kernel('sort of int32', (_, bits) => bits) };
}

/**
 * Bits of a float32 as an int32 of the same order: those of negative numbers turned round but for the sign. Zeros are
 * equal, and NaN, of whatever bits, above everything.
 */
function orderOfFloat(f: FunctionBuilder, bits: Local): Value {
  const size = f.keep(i32.and(bits, i32.const(0x7fffffff)), 'i32');
  const turned = i32.xor(bits, i32.shrU(i32.shrS(bits, i32.const(31)), i32.const(1)));
  const number = select(turned, i32.const(0), size);
  return select(i32.const(0x7fffffff), number, i32.gtU(size, i32.const(0x7f800000)));
}

/** Puts an item into its place among those from `first` to before `end`, which are in order. */
function insert(f: FunctionBuilder, first: Value, end: Value, item: Value): void {
  const lowest = f.keep(first, 'i32');
  const at = f.keep(end, 'i32');
  const inserted = f.keep(item, 'i64');
  const before = i64.load(i32.sub(at, i32.const(ITEM)));
  f.while(i32.and(i32.gtU(at, lowest), i64.gtS(before, inserted)), () => {
    f.add(i64.store(at, before));
    f.advance(at, -ITEM);
  });
  f.add(i64.store(at, inserted));
}

/** Merges pairs of runs of `width` bytes. No branch depends on the numbers, which nobody could foresee. */
function mergeRuns(f: FunctionBuilder, from: Local, to: Local, bytes: Local, width: Local): void {
  const end = f.keep(i32.add(from, bytes), 'i32');
  const left = f.keep(from, 'i32');
  const out = f.keep(to, 'i32');
  const upToEnd = (address: Value): Local => {
    const limited = f.keep(address, 'i32');
    f.if(i32.gtU(limited, end), () => f.set(limited, end));
    return limited;
  };
  f.while(i32.ltU(left, end), () => {
    const leftEnd = upToEnd(i32.add(left, width));
    const right = f.keep(leftEnd, 'i32');
    const rightEnd = upToEnd(i32.add(right, width));
    f.while(i32.and(i32.ltU(left, leftEnd), i32.ltU(right, rightEnd)), () => {
      const [a, b] = [f.keep(i64.load(left), 'i64'), f.keep(i64.load(right), 'i64')];
      const isLeft = f.keep(i64.ltS(a, b), 'i32');
      f.add(i64.store(out, select(a, b, isLeft)));
      f.advance(left, i32.shl(isLeft, i32.const(3)));
      f.advance(right, i32.shl(i32.eqz(isLeft), i32.const(3)));
      f.advance(out, ITEM);
    });
    for (const [rest, restEnd] of [
      [left, leftEnd],
      [right, rightEnd],
    ]) {
      f.while(i32.ltU(rest, restEnd), () => {
        f.add(i64.store(out, i64.load(rest)));
        f.advance(rest, ITEM);
        f.advance(out, ITEM);
      });
    }
    f.set(left, rightEnd);
  });
}

/** Two walks along a row: its extreme, and whether there is a NaN; then to the first place that holds what wins. */
function emitArgReduce(module: ModuleBuilder): Record<'max' | 'min', KernelFunction> {
  const kernel = (name: string, start: number, most: (a: Value, b: Value) => Value): KernelFunction =>
    module.kernel(
      name,
      ['x', 'out', 'rows', 'columns', 'perPart'],
      (f, [x, out, rows, columns, perPart], part) => {
        f.advance(out, fourTimes(i32.mul(part, perPart)));
        const extremes = f.locals('v128', 2);
        const nans = f.locals('v128', 2);
        eachRow(f, part, { rows, columns, perPart }, [x], () => {
          for (const extreme of extremes) f.set(extreme, f.splat(start));
          for (const nan of nans) f.set(nan, f.splat(0));
          eachVector(f, columns, (lanes) => {
            masked(f, lanes, load(f, lanes, x), f.splat(start)).forEach((value, i) => {
              f.set(extremes[i], most(extremes[i], value)); // passes over NaN
              f.set(nans[i], v128.or(nans[i], f32x4.ne(value, value)));
            });
          });
          f.if(
            v128.anyTrue(v128.or(nans[0], nans[1])),
            () => writeFirst(f, out, x, (value) => f32x4.ne(value, value)),
            () => {
              const pair = f.keep(most(extremes[0], extremes[1]));
              const halves = f.keep(most(pair, v128.shuffle(pair, pair, [2, 3, 0, 1])));
              const sought = f.keep(most(halves, v128.shuffle(halves, halves, [1, 0, 3, 2])));
              writeFirst(f, out, x, (value) => f32x4.eq(value, sought));
            },
          );
          f.advance(out, 4);
        });
      },
    );
  return {
    max: kernel('argmax', Number.NEGATIVE_INFINITY, f32x4.greater),
    min: kernel('argmin', Number.POSITIVE_INFINITY, f32x4.lesser),
  };
}

/** Writes the first place of a row where `isHit` has ones. There is one, so the search ends within the row. */
function writeFirst(f: FunctionBuilder, out: Local, row: Local, isHit: (value: Local) => Value): void {
  const at = f.keep(row, 'i32');
  const hits = f.local('v128');
  const look = (): void => f.set(hits, isHit(f.keep(f32x4.load(at))));
  look();
  f.while(i32.eqz(v128.anyTrue(hits)), () => {
    f.advance(at, 16);
    look();
  });
  const places = i32.shrU(i32.sub(at, row), i32.const(2));
  const [a, b, c] = [0, 1, 2].map((lane) => i32x4.lane(hits, lane));
  const lane = select(i32.const(0), select(i32.const(1), select(i32.const(2), i32.const(3), c), b), a);
  f.add(i32.store(out, i32.add(places, lane)));
}

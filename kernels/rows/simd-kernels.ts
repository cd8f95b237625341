/** The loops that move rows. Addresses and offsets are in bytes, everything else counts numbers of 4 bytes. */
import { f32, f32x4, f64, f64x2, i32, type Value, v128 } from '../assembler/instructions.ts';
import {
  type FunctionBuilder,
  fourTimes,
  type KernelFunction,
  type Local,
  type ModuleBuilder,
} from '../assembler/module.ts';
import { eachRow, eachVector, highHalf, load, piecesOf, store, storeFirst } from '../assembler/vectors.ts';

export interface EmittedRows {
  gatherRows: KernelFunction;
  /** sources[r] becomes the address of the last row sent to r, 0 where there is none. */
  findSources: KernelFunction;
  scatterRows: KernelFunction;
  /** sources[starts[r] … starts[r + 1] − 1] become the addresses of the rows sent to r, in their order. */
  groupSources: KernelFunction;
  scatterAddRows: KernelFunction;
  gather: KernelFunction;
  scatterAdd: KernelFunction;
  copyRows: KernelFunction;
  copyStrided: KernelFunction;
}

export function emitRows(module: ModuleBuilder): EmittedRows {
  return {
    gatherRows: module.kernel(
      'gatherRows',
      ['x', 'index', 'out', 'rows', 'columns', 'perPart'],
      (f, [x, index, out, rows, columns, perPart], part) => {
        eachRow(f, part, { rows, columns, perPart }, [out], (i, rowBytes) => {
          const row = f.keep(i32.load(i32.add(index, fourTimes(i))), 'i32');
          f.if(
            i32.ltS(row, i32.const(0)),
            () => clearRow(f, out, columns),
            () => copyRow(f, f.keep(i32.add(x, i32.mul(row, rowBytes)), 'i32'), out, columns),
          );
        });
      },
    ),

    findSources: module.kernel(
      'findSources',
      ['index', 'rows', 'count', 'places', 'rowBytes', 'sources'],
      (f, [index, rows, count, places, rowBytes, sources]) => {
        clearWords(f, sources, places);
        eachSource(f, { index, rows, count, rowBytes }, (place, row) => {
          f.add(i32.store(i32.add(sources, fourTimes(place)), row));
        });
      },
    ),

    scatterRows: module.kernel(
      'scatterRows',
      ['base', 'sources', 'out', 'places', 'columns', 'perPart'],
      (f, [base, sources, out, places, columns, perPart], part) => {
        eachRow(f, part, { rows: places, columns, perPart }, [base, out], (place) => {
          const from = f.keep(i32.load(i32.add(sources, fourTimes(place))), 'i32');
          f.if(i32.eqz(from), () => f.set(from, base));
          copyRow(f, from, out, columns);
        });
      },
    ),

    groupSources: module.kernel(
      'groupSources',
      ['index', 'rows', 'count', 'places', 'rowBytes', 'starts', 'sources'],
      (f, [index, rows, count, places, rowBytes, starts, sources]) => {
        const list = { index, rows, count, rowBytes };
        const entry = (place: Value): Value => i32.add(starts, fourTimes(place));
        clearWords(f, starts, i32.add(places, i32.const(2)));
        // How many rows each place has, two entries behind its own …
        eachSource(f, list, (place) => {
          const at = f.keep(entry(place), 'i32');
          f.add(i32.store(at, i32.add(i32.load(at, 8), i32.const(1)), 8));
        });
        // … summed up: one entry behind its own is then where its rows begin …
        const total = f.keep(i32.const(0), 'i32');
        f.for(i32.const(0), i32.add(places, i32.const(2)), 1, (place) => {
          const at = f.keep(entry(place), 'i32');
          f.set(total, i32.add(total, i32.load(at)));
          f.add(i32.store(at, total));
        });
        // … and moves to where they end, which is where those of the next begin, as they are put down.
        eachSource(f, list, (place, row) => {
          const at = f.keep(entry(place), 'i32');
          const position = f.keep(i32.load(at, 4), 'i32');
          f.add(i32.store(i32.add(sources, fourTimes(position)), row));
          f.add(i32.store(at, i32.add(position, i32.const(1)), 4));
        });
      },
    ),

    scatterAddRows: module.kernel(
      'scatterAddRows',
      ['starts', 'sources', 'out', 'places', 'columns', 'perPart'],
      (f, [starts, sources, out, places, columns, perPart], part) => {
        eachRow(f, part, { rows: places, columns, perPart }, [out], (place) => {
          const at = f.keep(i32.add(starts, fourTimes(place)), 'i32');
          const [from, end] = [0, 4].map((offset) =>
            f.keep(i32.add(sources, fourTimes(i32.load(at, offset))), 'i32'),
          );
          f.if(
            i32.eq(from, end),
            () => clearRow(f, out, columns),
            () => sumRows(f, from, end, out, columns),
          );
        });
      },
    ),

    gather: module.kernel(
      'gather',
      ['x', 'index', 'out', 'rows', 'columns', 'count', 'perPart'],
      (f, [x, index, out, rows, columns, count, perPart], part) => {
        const { first, last } = piecesOf(f, part, perPart, rows);
        const row = f.keep(i32.add(x, fourTimes(i32.mul(first, columns))), 'i32');
        const skipped = f.keep(fourTimes(i32.mul(first, count)), 'i32');
        for (const address of [index, out]) f.advance(address, skipped);
        f.for(first, last, 1, () => {
          f.for(i32.const(0), count, 1, () => {
            f.add(i32.store(out, i32.load(i32.add(row, fourTimes(i32.load(index))))));
            for (const address of [index, out]) f.advance(address, 4);
          });
          f.advance(row, fourTimes(columns));
        });
      },
    ),

    scatterAdd: module.kernel(
      'scatterAdd',
      ['x', 'index', 'source', 'out', 'rows', 'columns', 'count', 'perPart', 'room', 'roomBytes'],
      (f, [x, index, source, out, rows, columns, count, perPart, room, roomBytes], part) => {
        const sums = f.keep(i32.add(room, i32.mul(part, roomBytes)), 'i32');
        const skipped = i32.mul(i32.mul(part, perPart), count);
        for (const address of [index, source]) f.advance(address, fourTimes(skipped));
        eachRow(f, part, { rows, columns, perPart }, [x, out], () => {
          eachVector(f, columns, (lanes) => {
            const at = f.keep(i32.add(sums, i32.shl(lanes.at, i32.const(1))), 'i32');
            load(f, lanes, x).forEach((four, i) => {
              f.add(f64x2.store(at, f64x2.promoteLow(four), 32 * i));
              f.add(f64x2.store(at, f64x2.promoteLow(highHalf(four)), 32 * i + 16));
            });
          });
          f.for(i32.const(0), count, 1, () => {
            const sum = f.keep(i32.add(sums, i32.shl(i32.load(index), i32.const(3))), 'i32');
            f.add(f64.store(sum, f64.add(f64.load(sum), f64.promote(f32.load(source)))));
            for (const address of [index, source]) f.advance(address, 4);
          });
          eachVector(f, columns, (lanes) => {
            const at = f.keep(i32.add(sums, i32.shl(lanes.at, i32.const(1))), 'i32');
            const values = Array.from({ length: lanes.count }, (_, i) =>
              rounded(f64x2.load(at, 32 * i), f64x2.load(at, 32 * i + 16)),
            );
            store(f, lanes, out, values);
          });
        });
      },
    ),

    copyRows: copyKernel(module, 'copyRows', (f, from, to, count) => copyRow(f, from, to, count)),

    copyStrided: copyKernel(module, 'copyStrided', (f, from, to, count, stride) => {
      const end = f.keep(i32.add(from, fourTimes(count)), 'i32');
      f.while(i32.ltU(from, end), () => {
        f.add(i32.store(to, i32.load(from)));
        f.advance(from, 4);
        f.advance(to, stride);
      });
    }),
  };
}

/** Copies contiguous rows to places that a table gives as offsets, in segments of a row each. */
function copyKernel(
  module: ModuleBuilder,
  name: string,
  copy: (f: FunctionBuilder, from: Local, to: Local, count: Local, stride: Local) => void,
): KernelFunction {
  return module.kernel(
    name,
    ['source', 'target', 'table', 'length', 'stride', 'segment', 'segments', 'pieces', 'perPart'],
    (f, [source, target, table, length, stride, segment, segments, pieces, perPart], part) => {
      const { first, last } = piecesOf(f, part, perPart, pieces);
      f.for(first, last, 1, (piece) => {
        const row = f.keep(i32.divU(piece, segments), 'i32');
        const skipped = f.keep(i32.mul(i32.remU(piece, segments), segment), 'i32');
        const count = f.keep(i32.sub(length, skipped), 'i32');
        f.if(i32.gtS(count, segment), () => f.set(count, segment));
        const position = i32.add(i32.mul(row, length), skipped);
        const from = f.keep(i32.add(source, fourTimes(position)), 'i32');
        const start = i32.add(target, i32.load(i32.add(table, fourTimes(row))));
        const to = f.keep(i32.add(start, i32.mul(skipped, stride)), 'i32');
        copy(f, from, to, count, stride);
      });
    },
  );
}

function copyRow(f: FunctionBuilder, from: Local, to: Local, columns: Value): void {
  eachVector(f, columns, (lanes) => store(f, lanes, to, load(f, lanes, from)));
}

function clearRow(f: FunctionBuilder, to: Local, columns: Value): void {
  eachVector(f, columns, (lanes) => store(f, lanes, to, [f.splat(0), f.splat(0)]));
}

function clearWords(f: FunctionBuilder, address: Value, count: Value): void {
  clearRow(f, f.keep(address, 'i32'), count);
}

/** Calls `body` for each row that has a place, in order: negative indices are passed over. */
function eachSource(
  f: FunctionBuilder,
  { index, rows, count, rowBytes }: { index: Value; rows: Value; count: Value; rowBytes: Value },
  body: (place: Local, row: Local) => void,
): void {
  const entry = f.keep(index, 'i32');
  const row = f.keep(rows, 'i32');
  f.for(i32.const(0), count, 1, () => {
    const place = f.keep(i32.load(entry), 'i32');
    f.if(i32.geS(place, i32.const(0)), () => body(place, row));
    f.advance(entry, 4);
    f.advance(row, rowBytes);
  });
}

/** Columns that are summed at a time: a cache line. */
const COLUMNS = 16;

/** Sums the rows whose addresses stand from `from` to before `end`. */
function sumRows(f: FunctionBuilder, from: Local, end: Local, to: Local, columns: Value): void {
  const sums = f.locals('v128', COLUMNS / 2);
  const at = f.keep(i32.const(0), 'i32');
  const sweep = (own: readonly Local[]): Value[] => {
    for (const sum of own) f.set(sum, f64x2.splat(f64.const(0)));
    const entry = f.keep(from, 'i32');
    f.while(i32.ltU(entry, end), () => {
      const row = f.keep(i32.add(i32.load(entry), at), 'i32');
      own.forEach((sum, i) => f.set(sum, f64x2.add(sum, f64x2.promoteLow(f32x4.loadTwo(row, 8 * i)))));
      f.advance(entry, 4);
    });
    return own.flatMap((low, i) => (i % 2 === 0 ? [rounded(low, own[i + 1])] : []));
  };
  const rest = f.keep(columns, 'i32');
  f.while(i32.geS(rest, i32.const(COLUMNS)), () => {
    const address = f.keep(i32.add(to, at), 'i32');
    sweep(sums).forEach((four, i) => f.add(f32x4.store(address, four, 16 * i)));
    f.advance(at, 4 * COLUMNS);
    f.advance(rest, -COLUMNS);
  });
  f.while(i32.gtS(rest, i32.const(0)), () => {
    const [four] = sweep(sums.slice(0, 2));
    storeFirst(f, f.keep(i32.add(to, at), 'i32'), f.keep(four), rest);
    f.advance(at, 16);
    f.advance(rest, -4);
  });
}

/** Two vectors of float64 as one of float32. */
function rounded(low: Value, high: Value): Value {
  return v128.shuffle(f32x4.demote(low), f32x4.demote(high), [0, 1, 4, 5]);
}

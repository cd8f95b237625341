/**
 * The two routines that matrix products are made of, for kernels of one module to call: packing B into panels, and
 * multiplying rows of A by panels. Every sum runs in the order of k with a rounding after each step, whatever the tile,
 * so results are the same on every engine, and a row's do not depend on how many other rows there are. The error of a sum
 * grows with k, to about 1e-5 of Σ |a b| at k = 65,536.
 */
import { type Code, f32, f32x4, i32, select, type Value, v128 } from '../assembler/instructions.ts';
import type { FunctionBuilder, Local, Mode, ModuleBuilder } from '../assembler/module.ts';
import { storeFirst } from '../assembler/vectors.ts';

const VECTOR = 16; // bytes

/**
 * The sums that a compiler keeps in its 16 registers: rows, and vectors in a row. 5 × 2 runs at the processor's peak on
 * V8 11 to 14 (Node 20 to 26): ten sums, two vectors of B, one of A, one product. Joined pairs make room for twice the width; where
 * sum and product are one instruction, for a row more.
 */
export function tileOf({ wide, madd }: Mode): { rows: number; vectors: number } {
  return { rows: madd ? 6 : 5, vectors: wide ? 4 : 2 };
}

export interface MatmulRoutines {
  /** Width of a panel, in columns. */
  readonly columns: number;
  /**
   * packPanels(from, stepBytes, columnBytes, k, n, to): packs B (k, n), whose element (i, j) stands at
   * from + i · stepBytes + j · columnBytes, into panels [k][columns], one behind the other; the last is filled with zeros.
   */
  readonly packPanels: FunctionBuilder;
  /**
   * multiply(a, aRowBytes, aStepBytes, panels, m, n, k, out, outRowBytes, initial, initialRowBytes, initialColumnBytes):
   * out (m, n) = initial + A · B. Element (i, k) of A stands at a + i · aRowBytes + k · aStepBytes; of out at
   * out + i · outRowBytes + 4 j; of initial at initial + i · initialRowBytes + 4 j. `initial` may be `out`. Where
   * initialColumnBytes is 0 instead of 4, every panel begins with the same `columns` numbers: `Machine.zeros`, say.
   */
  readonly multiply: FunctionBuilder;
}

export function emitMatmulRoutines(module: ModuleBuilder): MatmulRoutines {
  const { rows, vectors } = tileOf(module.mode);
  const tiles = Array.from({ length: rows }, (_, i) => ({
    whole: emitTile(module, i + 1, true),
    edge: emitTile(module, i + 1, false),
  }));
  return {
    columns: 4 * vectors,
    packPanels: emitPackPanels(module, vectors),
    multiply: emitMultiply(module, tiles, vectors),
  };
}

/** How many turns of the loop over k stand behind one another. */
const UNROLL = { narrow: 1, wide: 4 };

/**
 * tile(a, aRowBytes, aStepBytes, panel, panelEnd, columns, out, outRowBytes, initial, initialRowBytes): `height` rows of
 * `vectors` vectors of sums, all in registers while k runs. A `whole` tile stores all of them, others the first
 * `columns` of each row. (Two functions: where some stores are partial, an engine does not join the vectors of any.)
 */
function emitTile(module: ModuleBuilder, height: number, whole: boolean): FunctionBuilder {
  const { vectors } = tileOf(module.mode);
  const name = `${whole ? 'whole' : 'edge'}Tile${height}`;
  return module.function(name, new Array(10).fill('i32'), (f, parameters) => {
    const [a, aRow, aStep, panel, panelEnd, columns, out, outRow, initial, initialRow] = parameters;
    const sums = Array.from({ length: height }, () => f.locals('v128', vectors));
    for (const row of sums) {
      row.forEach((sum, v) => f.set(sum, f32x4.load(initial, VECTOR * v)));
      f.advance(initial, initialRow);
    }
    const rows = [a, ...f.locals('i32', height - 1)];
    for (let i = 1; i < height; i++) f.set(rows[i], i32.add(rows[i - 1], aRow));
    const b = f.locals('v128', vectors);
    const ai = f.local('v128');
    const step = (panelOffset: number): void => {
      b.forEach((vector, v) => f.set(vector, f32x4.load(panel, panelOffset + VECTOR * v)));
      sums.forEach((row, i) => {
        f.set(ai, f32x4.loadSplat(rows[i]));
        row.forEach((sum, v) => f.set(sum, multiplyAdd(module, ai, b[v], sum)));
      });
      for (const row of rows) f.advance(row, aStep);
    };
    const panelRow = VECTOR * vectors;
    const { narrow, wide } = UNROLL;
    const unroll = module.mode.wide ? wide : narrow;
    const turns = (count: number): void =>
      f.repeat(() => {
        for (let u = 0; u < count; u++) step(u * panelRow);
        f.advance(panel, count * panelRow);
        return i32.leU(i32.add(panel, i32.const(count * panelRow)), panelEnd);
      });
    if (unroll > 1)
      f.if(i32.leU(i32.add(panel, i32.const(unroll * panelRow)), panelEnd), () => turns(unroll));
    f.if(i32.ltU(panel, panelEnd), () => turns(1));
    for (const row of sums) {
      row.forEach((sum, v) => {
        if (whole) {
          f.add(f32x4.store(out, sum, VECTOR * v));
          return;
        }
        const rest = f.keep(i32.sub(columns, i32.const(4 * v)), 'i32');
        const at = f.keep(i32.add(out, i32.const(VECTOR * v)), 'i32');
        f.if(i32.gtS(rest, i32.const(0)), () => storeFirst(f, at, sum, rest));
      });
      f.advance(out, outRow);
    }
  });
}

export function multiplyAdd(module: ModuleBuilder, a: Value, b: Value, sum: Value): Code {
  return module.mode.madd ? f32x4.relaxedMadd(a, b, sum) : f32x4.add(sum, f32x4.mul(a, b));
}

/** Panel by panel, and for each one tile below the other: a panel stays in the first-level cache. */
function emitMultiply(
  module: ModuleBuilder,
  tiles: readonly { whole: FunctionBuilder; edge: FunctionBuilder }[],
  vectors: number,
): FunctionBuilder {
  const [height, width] = [tiles.length, 4 * vectors];
  return module.function('multiply', new Array(12).fill('i32'), (f, parameters) => {
    const [a, aRow, aStep, panels, m, n, k, out, outRow, initial, initialRow, initialColumn] = parameters;
    const panelBytes = f.keep(i32.mul(k, i32.const(4 * width)), 'i32');
    const panel = f.keep(panels, 'i32');
    const [columns, panelEnd, aAt, outAt, initialAt] = f.locals('i32', 5);
    f.for(i32.const(0), n, width, (column) => {
      f.set(columns, i32.sub(n, column));
      f.set(panelEnd, i32.add(panel, panelBytes));
      f.set(aAt, a);
      f.set(outAt, i32.add(out, i32.shl(column, i32.const(2))));
      f.set(initialAt, i32.add(initial, i32.mul(column, initialColumn)));
      const tile = (kind: { whole: FunctionBuilder; edge: FunctionBuilder }): void => {
        const args = [aAt, aRow, aStep, panel, panelEnd, columns, outAt, outRow, initialAt, initialRow];
        f.if(
          i32.geS(columns, i32.const(width)),
          () => f.call(kind.whole, ...args),
          () => f.call(kind.edge, ...args),
        );
      };
      const left = f.keep(m, 'i32');
      f.while(i32.geS(left, i32.const(height)), () => {
        tile(tiles[height - 1]);
        f.advance(aAt, i32.mul(aRow, i32.const(height)));
        f.advance(outAt, i32.mul(outRow, i32.const(height)));
        f.advance(initialAt, i32.mul(initialRow, i32.const(height)));
        f.advance(left, -height);
      });
      for (let rest = 1; rest < height; rest++) {
        f.if(i32.eq(left, i32.const(rest)), () => tile(tiles[rest - 1]));
      }
      f.set(panel, panelEnd);
    });
  });
}

function emitPackPanels(module: ModuleBuilder, vectors: number): FunctionBuilder {
  const width = 4 * vectors;
  return module.function('packPanels', new Array(6).fill('i32'), (f, parameters) => {
    const [from, step, columnBytes, k, n, to] = parameters;
    f.for(i32.const(0), n, width, (column) => {
      const start = f.keep(i32.add(from, i32.mul(column, columnBytes)), 'i32');
      const columns = f.keep(i32.sub(n, column), 'i32');
      f.if(
        i32.ltS(columns, i32.const(width)),
        () => packEdge(f, start, step, columnBytes, k, columns, to, width),
        () => {
          f.if(
            i32.eq(columnBytes, i32.const(4)),
            () => packRows(f, start, step, k, to, vectors),
            () => {
              f.if(
                i32.eq(step, i32.const(4)),
                () => packColumns(f, start, columnBytes, k, to, vectors),
                () => packEdge(f, start, step, columnBytes, k, columns, to, width),
              );
            },
          );
        },
      );
    });
  });
}

/** Rows of B lie in one piece: they are copied. */
function packRows(f: FunctionBuilder, start: Local, step: Value, k: Value, to: Local, vectors: number): void {
  f.for(i32.const(0), k, 1, () => {
    const row = Array.from({ length: vectors }, (_, v) => f.keep(f32x4.load(start, VECTOR * v)));
    row.forEach((vector, v) => f.add(f32x4.store(to, vector, VECTOR * v)));
    f.advance(start, step);
    f.advance(to, VECTOR * vectors);
  });
}

/** Columns of B lie in one piece (B is a transposed matrix): blocks of 4 × 4 are turned in registers. */
function packColumns(
  f: FunctionBuilder,
  start: Local,
  columnBytes: Value,
  k: Local,
  to: Local,
  vectors: number,
): void {
  const width = 4 * vectors;
  const columns = [start, ...f.locals('i32', width - 1)];
  for (let j = 1; j < width; j++) f.set(columns[j], i32.add(columns[j - 1], columnBytes));
  const left = f.keep(k, 'i32');
  f.while(i32.geS(left, i32.const(4)), () => {
    for (let v = 0; v < vectors; v++) {
      const block = columns.slice(4 * v, 4 * v + 4).map((column) => f.keep(f32x4.load(column)));
      transpose(f, block).forEach((row, i) => {
        f.add(f32x4.store(to, row, 4 * width * i + VECTOR * v));
      });
    }
    for (const column of columns) f.advance(column, VECTOR);
    f.advance(to, 4 * width * 4);
    f.advance(left, -4);
  });
  f.while(left, () => {
    columns.forEach((column, j) => {
      f.add(f32.store(to, f32.load(column), 4 * j));
      f.advance(column, 4);
    });
    f.advance(to, 4 * width);
    f.advance(left, -1);
  });
}

/** A block of 4 × 4, given by rows, turned: its columns. */
export function transpose(f: FunctionBuilder, [a, b, c, d]: readonly Local[]): Local[] {
  const [low, lower] = [f.keep(v128.shuffle(a, b, [0, 4, 1, 5])), f.keep(v128.shuffle(c, d, [0, 4, 1, 5]))];
  const [high, higher] = [f.keep(v128.shuffle(a, b, [2, 6, 3, 7])), f.keep(v128.shuffle(c, d, [2, 6, 3, 7]))];
  return [
    f.keep(v128.shuffle(low, lower, [0, 1, 4, 5])),
    f.keep(v128.shuffle(low, lower, [2, 3, 6, 7])),
    f.keep(v128.shuffle(high, higher, [0, 1, 4, 5])),
    f.keep(v128.shuffle(high, higher, [2, 3, 6, 7])),
  ];
}

/** Any strides, and panels that are not full: one number at a time. */
function packEdge(
  f: FunctionBuilder,
  start: Local,
  step: Value,
  columnBytes: Value,
  k: Value,
  columns: Local,
  to: Local,
  width: number,
): void {
  const at = f.local('i32');
  f.for(i32.const(0), k, 1, () => {
    f.set(at, start);
    f.for(i32.const(0), i32.const(width), 1, (j) => {
      const inside = i32.ltS(j, columns);
      // Beyond the last column the first one is read, and not used.
      f.add(f32.store(to, select(f32.load(select(at, start, inside)), f32.const(0), inside)));
      f.advance(at, columnBytes);
      f.advance(to, 4);
    });
    f.advance(start, step);
  });
}

/**
 * The gradients of layer normalisation. With the deviations d of a row from its mean, x̂ = rstd · d and h = g · weight:
 *
 *     dx = rstd · (h − mean(h) − x̂ · mean(h x̂))      dWeight = Σ g x̂      dBias = Σ g
 *
 * where Σ runs over all rows. A row is walked along three times, for its mean, for the sums that stand in dx, and for
 * dx. The last walk takes four rows at once: what they add to dWeight and dBias is added up in registers, rounded three
 * times, and goes to the part's sums, in float64, together. A second kernel adds up the parts.
 */
import { f32, f32x4, f64, f64x2, i32, type Value, v128 } from '../assembler/instructions.ts';
import {
  type FunctionBuilder,
  fourTimes,
  type KernelFunction,
  type Local,
  type ModuleBuilder,
} from '../assembler/module.ts';
import {
  addToSum,
  eachVector,
  highHalf,
  type Lanes,
  load,
  masked,
  piecesOf,
  startSum,
  store,
  together,
  totalOf,
} from '../assembler/vectors.ts';
import { addSquares, countOf, deviations, meanOf, rstdOf } from './simd-statistics.ts';

/** Rows that are walked along together. */
export const GROUP = 4;
/** Columns that one piece of the second kernel adds up: two vectors. */
export const COLUMNS = 8;
/** What a group knows of its rows, at the beginning of its part's room: rstd, mean(h), mean(h x̂) and a gap for each. */
const STATISTICS = 16;
const SUMS = GROUP * STATISTICS;
/** The sums of four columns: two times two float64 for dWeight, as many for dBias. */
const SUMS_PER_VECTOR = 64;

/** The bytes that a part needs. */
export function roomFor(columns: number): number {
  return SUMS + (SUMS_PER_VECTOR / 4) * COLUMNS * Math.ceil(columns / COLUMNS);
}

function sumsOf(sums: Value, { at }: Lanes): Value {
  return i32.add(sums, i32.mul(at, i32.const(SUMS_PER_VECTOR / 16)));
}

/** prepare(g, x, weight, dx, columns, epsilon, to): leaves a row's deviations in dx and its statistics at `to`. */
function emitPrepare(module: ModuleBuilder): FunctionBuilder {
  return module.function(
    'prepare',
    ['i32', 'i32', 'i32', 'i32', 'i32', 'f32', 'i32'],
    (f, [g, x, weight, dx, columns, epsilon, to]) => {
      const count = countOf(f, columns);
      const mean = meanOf(f, x, columns, count);
      const [squares, sumH, sumHD] = [startSum(f), startSum(f), startSum(f)];
      eachVector(f, columns, (lanes) => {
        const [values, gs, weights] = [load(f, lanes, x), load(f, lanes, g), load(f, lanes, weight)];
        const ds = masked(f, lanes, deviations(f, values, mean), f.splat(0));
        const products = gs.map((value, i) => f.keep(f32x4.mul(value, weights[i])));
        const hs = masked(f, lanes, products, f.splat(0));
        store(f, lanes, dx, ds);
        addSquares(f, squares, ds);
        addToSum(f, sumH, together(f, hs));
        const hds = hs.map((h, i) => f.keep(f32x4.mul(h, ds[i])));
        addToSum(f, sumHD, together(f, hds));
      });
      const rstd = rstdOf(f, squares, count, epsilon);
      const meanH = f64.mul(totalOf(f, sumH), count.inverse);
      const meanHX = f64.mul(rstd, f64.mul(totalOf(f, sumHD), count.inverse));
      f.add(f32.store(to, f32.demote(rstd)));
      f.add(f32.store(to, f32.demote(meanH), 4));
      f.add(f32.store(to, f32.demote(meanHX), 8));
    },
  );
}

/** Where prepared rows stand, and where what they know and add up does. */
interface Prepared {
  readonly g: Local;
  readonly weight: Local;
  readonly dx: Local;
  readonly statistics: Local;
  readonly sums: Local;
  readonly columns: Local;
  readonly rowBytes: Local;
}

/** The last walk along some rows. */
function finish(f: FunctionBuilder, rows: number, prepared: Prepared): void {
  const { weight, statistics, rowBytes } = prepared;
  eachVector(f, prepared.columns, (lanes) => {
    const weights = load(f, lanes, weight);
    const [g, dx] = [f.keep(prepared.g, 'i32'), f.keep(prepared.dx, 'i32')];
    /** Of each vector: what the rows so far add to dWeight and to dBias. */
    const terms: Local[][] = [];
    for (let row = 0; row < rows; row++) {
      const [rstd, meanH, meanHX] = [0, 4, 8].map((field) =>
        f.keep(f32x4.loadSplat(statistics, STATISTICS * row + field)),
      );
      const [gs, ds] = [load(f, lanes, g), load(f, lanes, dx)];
      const normals = ds.map((d) => f.keep(f32x4.mul(d, rstd)));
      const results = normals.map((normal, i) => {
        const centred = f32x4.sub(f32x4.mul(gs[i], weights[i]), meanH);
        return f32x4.mul(f32x4.sub(centred, f32x4.mul(normal, meanHX)), rstd);
      });
      store(f, lanes, dx, results);
      normals.forEach((normal, i) => {
        const added: Value[] = [f32x4.mul(gs[i], normal), gs[i]];
        terms[i] = added.map((term, j) => f.keep(row === 0 ? term : f32x4.add(terms[i][j], term)));
      });
      for (const address of [g, dx]) f.advance(address, rowBytes);
    }
    const to = f.keep(sumsOf(prepared.sums, lanes), 'i32');
    terms.flat().forEach((term, i) => {
      [f64x2.promoteLow(term), f64x2.promoteLow(highHalf(term))].forEach((half, j) => {
        const place = 16 * (2 * i + j);
        f.add(f64x2.store(to, f64x2.add(f64x2.load(to, place), half), place));
      });
    });
  });
}

/** dx, and a part's sums of columns: part i has the room that begins at `sums` + i · `room`. */
export function emitBackward(module: ModuleBuilder): KernelFunction {
  const prepare = emitPrepare(module);
  return module.kernel(
    'layerNormBackward',
    ['g', 'x', 'weight', 'dx', 'sums', 'room', 'rows', 'columns', 'perPart', 'epsilon: f32'],
    (f, [g, x, weight, dx, rooms, room, rows, columns, perPart, epsilon], part) => {
      const statistics = f.keep(i32.add(rooms, i32.mul(part, room)), 'i32');
      const sums = f.keep(i32.add(statistics, i32.const(SUMS)), 'i32');
      const end = f.keep(i32.add(statistics, room), 'i32');
      const at = f.keep(sums, 'i32');
      f.while(i32.ltU(at, end), () => {
        f.add(v128.store(at, f.splat(0)));
        f.advance(at, 16);
      });

      const { first, last } = piecesOf(f, part, perPart, rows);
      const rowBytes = f.keep(fourTimes(columns), 'i32');
      for (const address of [g, x, dx]) f.advance(address, i32.mul(first, rowBytes));
      const row = f.keep(first, 'i32');
      for (const count of [GROUP, 1]) {
        f.while(i32.leS(i32.add(row, i32.const(count)), last), () => {
          const from = { g: f.keep(g, 'i32'), dx: f.keep(dx, 'i32') };
          for (let i = 0; i < count; i++) {
            const to = i32.add(statistics, i32.const(STATISTICS * i));
            f.call(prepare, g, x, weight, dx, columns, epsilon, to);
            for (const address of [g, x, dx]) f.advance(address, rowBytes);
          }
          finish(f, count, { ...from, weight, statistics, sums, columns, rowBytes });
          f.advance(row, count);
        });
      }
    },
  );
}

/** dWeight and dBias: adds up what the parts of the kernel above have left, in their order. */
export function emitTotal(module: ModuleBuilder): KernelFunction {
  return module.kernel(
    'layerNormTotal',
    ['sums', 'room', 'parts', 'dWeight', 'dBias', 'columns', 'pieces', 'perPart'],
    (f, [rooms, room, parts, dWeight, dBias, columns, pieces, perPart], part) => {
      const { first, last } = piecesOf(f, part, perPart, pieces);
      const from = f.keep(i32.mul(first, i32.const(COLUMNS)), 'i32');
      const to = f.keep(i32.mul(last, i32.const(COLUMNS)), 'i32');
      f.if(i32.gtS(to, columns), () => f.set(to, columns));
      for (const address of [dWeight, dBias]) f.advance(address, fourTimes(from));
      const sums = f.keep(i32.add(rooms, i32.mul(from, i32.const(SUMS_PER_VECTOR / 4))), 'i32');
      eachVector(f, i32.sub(to, from), (lanes) => {
        const address = f.keep(sumsOf(sums, lanes), 'i32');
        const totals = f.locals('v128', 4 * lanes.count);
        for (const total of totals) f.set(total, f.splat(0));
        f.for(i32.const(0), parts, 1, () => {
          totals.forEach((total, i) => {
            f.set(total, f64x2.add(total, f64x2.load(address, SUMS + 16 * i)));
          });
          f.advance(address, room);
        });
        const rounded = (i: number): Value =>
          v128.shuffle(f32x4.demote(totals[i]), f32x4.demote(totals[i + 1]), [0, 1, 4, 5]);
        const firsts = Array.from({ length: lanes.count }, (_, i) => 4 * i);
        store(f, lanes, dWeight, firsts.map(rounded));
        store(f, lanes, dBias, firsts.map((i) => rounded(i + 2)));
      }); // biome-ignore format: a result a line
    },
  );
}

/**
 * Products of a few rows with a matrix whose columns lie in one piece (x · Wᵀ while decoding): it is read once, as it
 * lies, blocks of 4 × 4 turned in registers. Sums run in the order of k, so a row's result is what simd-routines.ts gives.
 *
 * Processors fetch ahead where memory is read in order, and here four columns are read side by side. So while four are
 * multiplied, a number of each line of the next four is read, in order: that is twice as fast and more where weights do not
 * lie in a near cache, as those of a whole model.
 */
import { f32, f32x4, i32, select } from '../assembler/instructions.ts';
import { lazily, type Machine } from '../assembler/machine.ts';
import type { KernelFunction, ModuleBuilder } from '../assembler/module.ts';
import { piecesOf, storeFirst } from '../assembler/vectors.ts';
import { multiplyAdd, transpose } from './simd-routines.ts';

export const MOST_THIN_ROWS = 4;
/** The bytes that caches fetch at once. */
const LINE = 64;

/** The kernel for m rows. */
export function thinKernels(machine: Machine): (m: number) => KernelFunction {
  const byRows = Array.from({ length: MOST_THIN_ROWS }, (_, i) =>
    lazily(() => machine.module((module) => emitThin(module, i + 1))),
  );
  return (m) => byRows[m - 1]();
}

function emitThin(module: ModuleBuilder, m: number): KernelFunction {
  return module.kernel(
    `thin${m}`,
    ['a', 'aRow', 'aStep', 'b', 'bColumn', 'k', 'n', 'out', 'bias', 'hasBias', 'perPart'],
    (f, [a, aRow, aStep, b, bColumn, k, n, out, bias, hasBias, perPart], part) => {
      const { first, last } = piecesOf(f, part, i32.shl(perPart, i32.const(2)), n);
      const sums = f.locals('v128', m);
      const columns = f.locals('i32', 4);
      const rows = f.locals('i32', m);
      const left = f.local('i32');
      const [next, line] = f.locals('i32', 2);
      const early = f.local('f32');
      const end = f.keep(i32.add(b, i32.mul(n, bColumn)), 'i32');
      const four = f.keep(i32.shl(bColumn, i32.const(2)), 'i32'); // the bytes of four columns
      const add = (row: number, values: ReturnType<typeof f.local>): void => {
        f.set(sums[row], multiplyAdd(module, f32x4.loadSplat(rows[row]), values, sums[row]));
        f.advance(rows[row], aStep);
      };
      f.for(first, last, 4, (column) => {
        const inside = f.keep(i32.sub(n, column), 'i32');
        const start = f.keep(f32x4.load(i32.add(bias, i32.mul(i32.shl(column, i32.const(2)), hasBias))));
        for (const sum of sums) f.set(sum, start);
        rows.forEach((row, i) => f.set(row, i === 0 ? a : i32.add(rows[i - 1], aRow)));
        // Beyond the last column that one is read again, and not stored.
        columns.forEach((at, j) => {
          const own = i32.add(column, select(i32.const(j), i32.const(0), i32.gtS(inside, i32.const(j))));
          f.set(at, i32.add(b, i32.mul(own, bColumn)));
        });
        f.set(next, i32.add(columns[0], four));
        const all = f.keep(i32.leU(i32.add(next, four), end), 'i32');
        f.set(next, select(next, columns[0], all));
        f.set(line, i32.mul(all, i32.const(LINE)));
        f.set(left, k);
        f.while(i32.geS(left, i32.const(4)), () => {
          const block = columns.map((at) => f.keep(f32x4.load(at)));
          for (const values of transpose(f, block)) for (let row = 0; row < m; row++) add(row, values);
          for (const at of columns) f.advance(at, 16);
          f.set(early, f32.load(next)); // never used
          f.advance(next, line);
          f.advance(left, -4);
        });
        f.while(left, () => {
          const values = f.local('v128');
          columns.forEach((at, j) => {
            const element = f32.load(at);
            f.set(values, j === 0 ? f32x4.splat(element) : f32x4.replaceLane(values, j, element));
            f.advance(at, 4);
          });
          for (let row = 0; row < m; row++) add(row, values);
          f.advance(left, -1);
        });
        const outAt = f.keep(i32.add(out, i32.shl(column, i32.const(2))), 'i32');
        for (const sum of sums) {
          storeFirst(f, outAt, sum, inside);
          f.advance(outAt, i32.shl(n, i32.const(2)));
        }
      });
    },
  );
}

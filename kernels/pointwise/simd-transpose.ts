/**
 * The transpose of a matrix as a copy. Its columns are rows in memory, so element by element would use four bytes of
 * every cache line; tiles of 8 by 4 elements are turned in registers.
 */
import { f32x4, i32, type Value } from '../assembler/instructions.ts';
import type { FunctionBuilder, KernelFunction, Local, ModuleBuilder } from '../assembler/module.ts';
import { fourTimes } from '../assembler/module.ts';
import { piecesOf } from '../assembler/vectors.ts';
import { transpose } from '../matmul/simd-routines.ts';

/** Rows of the result that are written side by side. */
export const TURNED_ROWS = 8;
const LANES = 4;

/**
 * `out` (rows, columns) from `x`, whose element in row r and column c stands 4 r + stride c bytes behind its first. A
 * piece is a group of rows.
 */
export function emitTranspose(module: ModuleBuilder): KernelFunction {
  const parameters = ['out', 'x', 'stride', 'rows', 'columns', 'groups', 'perPart'];
  return module.kernel('transpose', parameters, (f, locals, part) => {
    const [out, x, stride, rows, columns, groups, perPart] = locals;
    const rowBytes = f.keep(fourTimes(columns), 'i32');
    const tiledColumns = f.keep(i32.and(columns, i32.const(-LANES)), 'i32');
    const { first, last } = piecesOf(f, part, perPart, groups);
    f.for(first, last, 1, (group) => {
      const row = f.keep(i32.mul(group, i32.const(TURNED_ROWS)), 'i32');
      const from = f.keep(i32.add(x, fourTimes(row)), 'i32');
      const to = f.keep(i32.add(out, i32.mul(row, rowBytes)), 'i32');
      const left = f.keep(i32.sub(rows, row), 'i32');
      const beside = f.keep(i32.const(0), 'i32');
      f.if(i32.geS(left, i32.const(TURNED_ROWS)), () => {
        f.for(i32.const(0), tiledColumns, LANES, () => turnTile(f, from, to, stride, rowBytes));
        f.set(left, i32.const(TURNED_ROWS));
        f.set(beside, tiledColumns);
      });
      // What is left beside the tiles, or all of a group that is not whole.
      f.for(beside, columns, 1, () => {
        const place = f.keep(to, 'i32');
        f.for(i32.const(0), left, 1, (k) => {
          f.add(i32.store(place, i32.load(i32.add(from, fourTimes(k)))));
          f.advance(place, rowBytes);
        });
        f.advance(from, stride);
        f.advance(to, 4);
      });
    });
  });
}

/** Copies four columns of eight rows, and moves both addresses on. */
function turnTile(f: FunctionBuilder, from: Local, to: Local, stride: Value, rowBytes: Value): void {
  const columns: [Local, Local][] = [];
  for (let column = 0; column < LANES; column++) {
    columns.push([f.keep(f32x4.load(from)), f.keep(f32x4.load(from, 16))]);
    f.advance(from, stride);
  }
  const place = f.keep(to, 'i32');
  for (const half of [0, 1]) {
    const block = columns.map((column) => column[half]);
    for (const row of transpose(f, block)) {
      f.add(f32x4.store(place, row));
      f.advance(place, rowBytes);
    }
  }
  f.advance(to, 4 * LANES);
}

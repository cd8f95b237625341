/**
 * Matrix product in WebAssembly, float32: B is packed into panels, whatever its strides; then blocks of rows of A are
 * multiplied by them, block by block on whichever thread is free (see simd-routines.ts). For a few rows, as in decoding, packing
 * would cost as much as the product: B is read as it lies (simd-thin.ts).
 */
import { i32 } from '../assembler/instructions.ts';
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import type { KernelFunction, ModuleBuilder } from '../assembler/module.ts';
import { piecesOf } from '../assembler/vectors.ts';
import type { Kernels, View } from '../contract.ts';
import { forEachRow } from '../strides.ts';
import { emitMatmulRoutines, tileOf } from './simd-routines.ts';
import { packRowBlock } from './simd-row-block.ts';
import { MOST_THIN_ROWS, thinKernels } from './simd-thin.ts';

type Matmul = Kernels<LinearBuffer>['matmul'];

/** Products of this many multiplications are worth a part of their own: a microsecond or two. */
const PART = 2 ** 16;
/** More parts than this only cost the taking. */
const MOST_PARTS = 32;
/** A block of A of so many bytes stays in the second-level cache while the panels pass by. */
const MOST_BLOCK_BYTES = 2 ** 18;
/** Rows of A that lie further apart than this in memory are copied together first. */
const FAR = 2048;
/** Matrices of a batch are done in groups whose panels fit into this. */
const MOST_SCRATCH = 2 ** 26;

/** One matrix product of a batch, in the table that threads read: int32 numbers. */
const ENTRY = { a: 0, b: 1, panels: 2, count: 3 };

/** @param otherwise for other types than float32 */
export function simdMatmul(machine: Machine, otherwise: { matmul: Matmul }): { matmul: Matmul } {
  const { rows: tileRows, vectors } = tileOf(machine.mode);
  const panelColumns = 4 * vectors;
  const emitted = lazily(() => machine.module(emitMatmul));
  const thin = thinKernels(machine);

  return {
    matmul: (a, b, bias, out) => {
      const rank = out.shape.length;
      const [m, n, k] = [out.shape[rank - 2], out.shape[rank - 1], a.shape[rank - 1]];
      if (a.dtype !== 'float32' || k === 0) return otherwise.matmul(a, b, bias, out);
      const [aRow, aStep] = [4 * a.strides[rank - 2], 4 * a.strides[rank - 1]];
      const [bStep, bColumn] = [4 * b.strides[rank - 2], 4 * b.strides[rank - 1]];
      const [aAt, bAt, outAt] = [machine.address(a), machine.address(b), machine.address(out)];
      const biasAt = bias ? machine.address(bias) : machine.zeros;
      if (rank === 2 && m <= MOST_THIN_ROWS && bStep === 4) {
        const { perPart, parts } = cut(Math.ceil(n / 4), (m * k) / 4);
        machine.launch(
          thin(m),
          parts,
          aAt,
          aRow,
          aStep,
          bAt,
          bColumn,
          k,
          n,
          outAt,
          biasAt,
          Number(!!bias),
          perPart,
        );
        return;
      }

      const aStarts = rank === 2 ? [0] : startsOf(a);
      const bStarts = rank === 2 ? [0] : startsOf(b);
      const batch = aStarts.length;
      const panels = Math.ceil(n / panelColumns);
      const panelsBytes = 4 * panels * panelColumns * k;
      // Rows of a block: a multiple of the tile's, enough work for a part, few enough for the cache.
      const part = Math.max(PART, (batch * m * n * k) / MOST_PARTS);
      const worth = Math.min(Math.ceil(part / (n * k)), MOST_BLOCK_BYTES / (4 * k));
      const blockRows = Math.min(Math.max(1, Math.ceil(worth / tileRows)) * tileRows, m);
      const blocks = Math.ceil(m / blockRows);
      const far = aStep >= FAR && aRow === 4 && n > panelColumns;
      const blockBytes = far ? rowBlockBytes(blockRows, k) : 0;
      const group = Math.max(1, Math.floor(MOST_SCRATCH / (panelsBytes + blocks * blockBytes)));
      const { pack, multiply } = emitted();
      for (let first = 0; first < batch; first += group) {
        const count = Math.min(group, batch - first);
        const tableBytes = Math.ceil((4 * ENTRY.count * count) / 64) * 64;
        const table = machine.scratch(tableBytes + count * (panelsBytes + blocks * blockBytes));
        const ints = machine.ints();
        let packed = 0;
        for (let i = 0; i < count; i++) {
          const at = table / 4 + ENTRY.count * i;
          const isNew = i === 0 || bStarts[first + i] !== bStarts[first + i - 1];
          if (isNew) packed++;
          ints[at + ENTRY.a] = aAt + 4 * aStarts[first + i];
          ints[at + ENTRY.panels] = table + tableBytes + (packed - 1) * panelsBytes;
          // The sources of B are listed without repeats.
          if (isNew) ints[table / 4 + ENTRY.count * (packed - 1) + ENTRY.b] = bAt + 4 * bStarts[first + i];
        }
        const { perPart, parts } = cut(panels, panelColumns * k);
        machine.launch(
          pack, packed * parts, table, table + tableBytes, panelsBytes, parts, perPart, bStep, bColumn, k, n,
        ); // biome-ignore format: a call
        const copies = far ? table + tableBytes + packed * panelsBytes : 0;
        machine.launch(
          multiply, count * blocks, table, blocks, blockRows, aRow, aStep, m, n, k,
          outAt + 4 * first * m * n, biasAt, bias ? 4 : 0, copies, blockBytes,
        ); // biome-ignore format: a call
      }
    },
  };
}

/** Where each matrix of a batch begins, in elements from the first. */
function startsOf(view: View<unknown>): number[] {
  const starts: number[] = [];
  const [batch, strides] = [view.shape.slice(0, -2), view.strides.slice(0, -2)];
  forEachRow([...batch, 1], [...strides, 0], 0, (_, at) => starts.push(at));
  return starts;
}

/** Room for the copy of a block of rows: see `packRowBlock`. */
function rowBlockBytes(rows: number, k: number): number {
  return Math.ceil((4 * (rows + 4) * k) / 64) * 64;
}

function emitMatmul(module: ModuleBuilder): { pack: KernelFunction; multiply: KernelFunction } {
  const { columns, packPanels, multiply } = emitMatmulRoutines(module);
  return {
    pack: module.kernel(
      'pack',
      ['table', 'panels', 'panelsBytes', 'parts', 'perPart', 'bStep', 'bColumn', 'k', 'n'],
      (f, [table, panels, panelsBytes, parts, perPart, bStep, bColumn, k, n], part) => {
        const matrix = f.keep(i32.divU(part, parts), 'i32');
        const own = f.keep(i32.remU(part, parts), 'i32');
        const { first, last } = piecesOf(f, own, i32.mul(perPart, i32.const(columns)), n);
        const entry = f.keep(i32.add(table, i32.mul(matrix, i32.const(4 * ENTRY.count))), 'i32');
        f.call(
          packPanels,
          i32.add(i32.load(entry, 4 * ENTRY.b), i32.mul(first, bColumn)),
          bStep,
          bColumn,
          k,
          i32.sub(last, first),
          i32.add(i32.add(panels, i32.mul(matrix, panelsBytes)), i32.mul(i32.shl(first, i32.const(2)), k)),
        );
      },
    ),
    multiply: module.kernel(
      'multiply',
      [
        'table', 'blocks', 'blockRows', 'aRow', 'aStep', 'm', 'n', 'k',
        'out', 'bias', 'biasColumn', 'copies', 'copyBytes',
      ], // biome-ignore format: a list
      (f, parameters, part) => {
        const [table, blocks, blockRows, aRow, aStep, m, n, k, out, bias, biasColumn, copies, copyBytes] =
          parameters;
        const matrix = f.keep(i32.divU(part, blocks), 'i32');
        const { first, last } = piecesOf(f, f.keep(i32.remU(part, blocks), 'i32'), blockRows, m);
        const rows = f.keep(i32.sub(last, first), 'i32');
        const entry = f.keep(i32.add(table, i32.mul(matrix, i32.const(4 * ENTRY.count))), 'i32');
        const a = f.keep(i32.add(i32.load(entry, 4 * ENTRY.a), i32.mul(first, aRow)), 'i32');
        const step = f.keep(aStep, 'i32');
        f.if(copies, () => {
          const copy = f.keep(i32.add(copies, i32.mul(part, copyBytes)), 'i32');
          packRowBlock(f, a, aStep, rows, k, copy, step);
          f.set(a, copy);
        });
        const outRow = f.keep(i32.shl(n, i32.const(2)), 'i32');
        const outAt = i32.add(out, i32.mul(i32.add(i32.mul(matrix, m), first), outRow));
        const panels = i32.load(entry, 4 * ENTRY.panels);
        f.call(multiply, a, aRow, step, panels, rows, n, k, outAt, outRow, bias, i32.const(0), biasColumn);
      },
    ),
  };
}

/**
 * Moving rows about in WebAssembly. What only moves numbers takes any type of 4 or 8 bytes; what adds is float32 and, as
 * in the reference, sums in float64 in the order of the sources and rounds once: the bits are the reference's.
 *
 * Where sources name their destination, destinations are shared out between threads: first a table says which sources
 * each one has, so that no two threads write to one row and the order of a sum is known.
 */

import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import { Axes, writeOffsets } from '../axes.ts';
import type { DType, Kernels } from '../contract.ts';
import { emitRows } from './simd-kernels.ts';

type RowKernels = Pick<
  Kernels<LinearBuffer>,
  'gatherRows' | 'scatterRows' | 'scatterAddRows' | 'gather' | 'scatterAdd' | 'copyInto'
>;

/** What picking an element costs, in additions. */
const PICKED = 3;
/** Rows longer than this are copied in segments. */
const SEGMENT = 16384;
/** Room for the rows in float64 that `scatterAdd` sums in, one for each part. */
const MOST_SUM_BYTES = 2 ** 22;

/** @param otherwise for other types */
export function simdRows(machine: Machine, otherwise: RowKernels): RowKernels {
  const emitted = lazily(() => machine.module(emitRows));
  const axes = new Axes();
  return {
    gatherRows: (x, index, out) => {
      const words = wordsOf(x.dtype);
      if (words === 0) return otherwise.gatherRows(x, index, out);
      const [rows, columns] = [out.shape[0], out.shape[1] * words];
      const { perPart, parts } = cut(rows, columns);
      const [from, indexAt, to] = [machine.address(x), machine.address(index), machine.address(out)];
      machine.launch(emitted().gatherRows, parts, from, indexAt, to, rows, columns, perPart);
    },

    scatterRows: (base, index, rows, out) => {
      const words = wordsOf(base.dtype);
      if (words === 0) return otherwise.scatterRows(base, index, rows, out);
      const { scatterRows, findSources } = emitted();
      const [count, places, columns] = [rows.shape[0], out.shape[0], out.shape[1] * words];
      const [from, indexAt] = [machine.address(base), machine.address(index)];
      const [rowsAt, to] = [machine.address(rows), machine.address(out)];
      const sources = machine.scratch(4 * places);
      machine.launch(findSources, 1, indexAt, rowsAt, count, places, 4 * columns, sources);
      const { perPart, parts } = cut(places, columns);
      machine.launch(scatterRows, parts, from, sources, to, places, columns, perPart);
    },

    scatterAddRows: (index, rows, out) => {
      if (rows.dtype !== 'float32') return otherwise.scatterAddRows(index, rows, out);
      const { scatterAddRows, groupSources } = emitted();
      const [count, places, columns] = [rows.shape[0], out.shape[0], out.shape[1]];
      const [indexAt, rowsAt, to] = [machine.address(index), machine.address(rows), machine.address(out)];
      const starts = machine.scratch(4 * (places + 2 + count));
      const sources = starts + 4 * (places + 2);
      machine.launch(groupSources, 1, indexAt, rowsAt, count, places, 4 * columns, starts, sources);
      const { perPart, parts } = cut(places, columns * (1 + count / places));
      machine.launch(scatterAddRows, parts, starts, sources, to, places, columns, perPart);
    },

    gather: (x, index, out) => {
      if (x.dtype !== 'float32' && x.dtype !== 'int32') return otherwise.gather(x, index, out);
      const [rows, count] = index.shape;
      const { perPart, parts } = cut(rows, PICKED * count);
      const [from, indexAt, to] = [machine.address(x), machine.address(index), machine.address(out)];
      machine.launch(emitted().gather, parts, from, indexAt, to, rows, x.shape[1], count, perPart);
    },

    scatterAdd: (x, index, source, out) => {
      if (x.dtype !== 'float32') return otherwise.scatterAdd(x, index, source, out);
      const [rows, count] = index.shape;
      const columns = x.shape[1];
      const rowBytes = 32 * Math.ceil(columns / 4); // whole vectors
      const least = Math.ceil((rows * rowBytes) / MOST_SUM_BYTES);
      const perPart = Math.max(cut(rows, 2 * columns + PICKED * count).perPart, least);
      const parts = Math.ceil(rows / perPart);
      const [from, indexAt] = [machine.address(x), machine.address(index)];
      const [sourceAt, to] = [machine.address(source), machine.address(out)];
      const room = machine.scratch(parts * rowBytes);
      machine.launch(
        emitted().scatterAdd, parts,
        from, indexAt, sourceAt, to, rows, columns, count, perPart, room, rowBytes,
      ); // biome-ignore format: what belongs together
    },

    copyInto: (source, target) => {
      const words = wordsOf(source.dtype);
      if (words === 0) return otherwise.copyInto(source, target);
      const { shape, strides } = target;
      axes.clear();
      for (let axis = 0; axis < shape.length; axis++) axes.add(shape[axis], words * strides[axis]);
      axes.add(words, 1); // the halves of a float64 are neighbours
      const last = axes.length - 1;
      const length = last < 0 ? 1 : axes.extents[last];
      const stride = last < 0 ? 1 : axes.strides[last];
      if (length === 0) return;
      const rows = axes.size / length;
      const segment = Math.min(length, SEGMENT);
      const segments = Math.ceil(length / segment);
      const { perPart, parts } = cut(rows * segments, stride === 1 ? segment : PICKED * segment);
      const [from, to] = [machine.address(source), machine.address(target)];
      let table = machine.zeros;
      if (rows > 1) {
        table = machine.scratch(4 * rows);
        writeOffsets(machine.ints(), table / 4, axes, last);
      }
      const kernel = stride === 1 ? emitted().copyRows : emitted().copyStrided;
      machine.launch(
        kernel, parts,
        from, to, table, length, 4 * stride, segment, segments, rows * segments, perPart,
      ); // biome-ignore format: what belongs together
    },
  };
}

/** How many words of 4 bytes an element has; 0 where it is smaller. */
function wordsOf(dtype: DType): number {
  return dtype === 'bool' ? 0 : dtype === 'float64' ? 2 : 1;
}

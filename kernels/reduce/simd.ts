/**
 * Reductions in WebAssembly, float32, any strides. Axes are joined until one kept and one reduced axis remain for the
 * kernel's loops; tables of offsets stand for the others. Which loop is the inner one follows from where neighbours in
 * memory go: into one result (`along`), into results side by side (`across`), or neither (`strided`).
 *
 * Few results of much data are reduced in chunks first, whose number the shape alone decides, then chunk after chunk.
 */

import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import type { KernelFunction } from '../assembler/module.ts';
import { Axes, writeOffsets } from '../axes.ts';
import type { Kernels, Reduction, View } from '../contract.ts';
import { sizeOf } from '../strides.ts';
import { COLUMNS, emitReduce, FEW, type ReduceKernels } from './simd-kernels.ts';

/** Chunks of this many elements are worth a part of their own, and what is not twice as long is not cut. */
const CHUNK = 16384;
const MOST_CHUNKS = 64;

/** @param otherwise for other types than float32 */
export function simdReduce(
  machine: Machine,
  otherwise: Pick<Kernels<LinearBuffer>, 'reduce'>,
): Pick<Kernels<LinearBuffer>, 'reduce'> {
  const emitted = {
    sum: lazily(() => machine.module((module) => emitReduce(module, 'sum'))),
    prod: lazily(() => machine.module((module) => emitReduce(module, 'prod'))),
    max: lazily(() => machine.module((module) => emitReduce(module, 'max'))),
    min: lazily(() => machine.module((module) => emitReduce(module, 'min'))),
  };
  return {
    reduce: (kind, x, axes, out) => {
      // An expanded view may have more elements than the kernels' counts can hold.
      if (x.dtype !== 'float32' || sizeOf(x.shape) >= 2 ** 31) {
        otherwise.reduce(kind, x, axes, out);
        return;
      }
      if (sizeOf(out.shape) === 0) return;
      run(machine, emitted[kind](), kind, x, axes, out);
    },
  };
}

const kept = new Axes();
const reduced = new Axes();

function run(
  machine: Machine,
  kernels: ReduceKernels,
  kind: Reduction,
  x: View<LinearBuffer>,
  axes: readonly number[],
  out: View<LinearBuffer>,
): void {
  const { shape, strides } = x;
  kept.clear();
  reduced.clear();
  for (let axis = 0; axis < shape.length; axis++) {
    (axes.includes(axis) ? reduced : kept).add(shape[axis], strides[axis]);
  }
  // A product keeps the reading order, where another might overflow.
  if (kind !== 'prod') reduced.arrange();
  const columns = lastExtent(kept);
  const columnStride = lastStride(kept);
  const steps = lastExtent(reduced);
  const stepStride = lastStride(reduced);
  const results = kept.size;
  const groups = results / columns;
  const length = reduced.size;
  const repeats = steps === 0 ? 0 : length / steps;

  const { kernel, pieces, width } = formOf(kernels, kind, columnStride, stepStride, groups, columns);
  const weight = width * length;
  let { perPart, parts } = cut(pieces, weight);
  let chunks = 1;
  let [repeatsPerChunk, stepsPerChunk, stepChunks] = [repeats, steps, 1];
  if (kind !== 'prod' && pieces < 8 && pieces * weight >= 2 * CHUNK) {
    const wanted = Math.min(Math.floor(MOST_CHUNKS / pieces), Math.ceil((pieces * weight) / CHUNK));
    if (repeats >= wanted) {
      repeatsPerChunk = Math.ceil(repeats / wanted);
      chunks = Math.ceil(repeats / repeatsPerChunk);
    } else {
      stepsPerChunk = 8 * Math.ceil(steps / wanted / 8);
      stepChunks = Math.ceil(steps / stepsPerChunk);
      chunks = stepChunks;
    }
    perPart = 1;
    parts = pieces * chunks;
  }

  const from = machine.address(x);
  const to = machine.address(out);
  let [groupTable, repeatTable, partials] = [machine.zeros, machine.zeros, 0];
  const groupEntries = groups > 1 ? groups : 0;
  const repeatEntries = repeats > 1 ? repeats : 0;
  const tableBytes = 8 * Math.ceil((groupEntries + repeatEntries) / 2);
  const bytes = tableBytes + (chunks > 1 ? 8 * chunks * results : 0);
  if (bytes > 0) {
    const room = machine.scratch(bytes);
    partials = room + tableBytes;
    const table = machine.ints();
    if (groupEntries > 0) {
      groupTable = room;
      writeOffsets(table, room / 4, kept, kept.length - 1);
    }
    if (repeatEntries > 0) {
      repeatTable = room + 4 * groupEntries;
      writeOffsets(table, repeatTable / 4, reduced, reduced.length - 1);
    }
  }
  machine.launch(
    kernel, parts,
    from, chunks > 1 ? partials : to, groupTable, repeatTable,
    columns, 4 * columnStride, results,
    repeats, steps, 4 * stepStride,
    pieces, perPart, chunks, repeatsPerChunk, stepsPerChunk, stepChunks,
  ); // biome-ignore format: what belongs together
  if (chunks > 1) machine.launch(kernels.join, 1, partials, to, results, chunks);
}

function lastExtent({ extents }: Axes): number {
  return extents.length === 0 ? 1 : extents[extents.length - 1];
}

function lastStride({ strides }: Axes): number {
  return strides.length === 0 ? 0 : strides[strides.length - 1];
}

/** The kernel for the way neighbours lie, the pieces its work comes in, and how many results are in a piece. */
function formOf(
  kernels: ReduceKernels,
  kind: Reduction,
  columnStride: number,
  stepStride: number,
  groups: number,
  columns: number,
): { kernel: KernelFunction; pieces: number; width: number } {
  if (kind !== 'prod' && stepStride === 1) {
    return { kernel: kernels.along, pieces: groups * columns, width: 1 };
  }
  if (kind !== 'prod' && columnStride === 1) {
    const pieces = groups * Math.ceil(columns / COLUMNS);
    return { kernel: kernels.across, pieces, width: Math.min(columns, COLUMNS) };
  }
  const pieces = groups * Math.ceil(columns / FEW);
  return { kernel: kernels.strided, pieces, width: Math.min(columns, FEW) };
}

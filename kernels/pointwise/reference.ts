/**
 * Pointwise programs in plain loops: block by block, one loop per instruction, in float64 scratch rows that stay in
 * the first-level cache. Rounding to the output's type happens once, at the end. No code is generated.
 */
import { type HostView, isContiguous, offsetAt, sizeOf } from '../strides.ts';
import type { Primitive } from './expression.ts';
import type { Program } from './program.ts';
import { erf } from './special.ts';

const BLOCK = 1024;

type Row = Float64Array;
type Loop = (out: Row, n: number, a: Row, b: Row, c: Row) => void;

/** x^y as in IEEE 754, C and PyTorch: 1^y is 1 for every y, NaN too, and (−1)^±∞ is 1. JavaScript says NaN. */
function power(x: number, y: number): number {
  const result = x ** y;
  if (!Number.isNaN(result)) return result;
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : result;
}

/** One loop per primitive, each with its own body so that the engine compiles it for float64 alone. */
const loops: Record<Primitive, Loop> = {
  add: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] + b[i];
  },
  sub: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] - b[i];
  },
  mul: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] * b[i];
  },
  div: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] / b[i];
  },
  pow: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = power(a[i], b[i]);
  },
  maximum: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = Math.max(a[i], b[i]);
  },
  minimum: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = Math.min(a[i], b[i]);
  },
  lessThan: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] < b[i] ? 1 : 0;
  },
  lessEqual: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] <= b[i] ? 1 : 0;
  },
  equal: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] === b[i] ? 1 : 0;
  },
  select: (out, n, a, b, c) => {
    for (let i = 0; i < n; i++) out[i] = a[i] !== 0 ? b[i] : c[i];
  },
  neg: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = -a[i];
  },
  abs: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.abs(a[i]);
  },
  sign: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.sign(a[i]);
  },
  exp: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.exp(a[i]);
  },
  expm1: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.expm1(a[i]);
  },
  log: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.log(a[i]);
  },
  log1p: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.log1p(a[i]);
  },
  sqrt: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.sqrt(a[i]);
  },
  sin: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.sin(a[i]);
  },
  cos: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.cos(a[i]);
  },
  tanh: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.tanh(a[i]);
  },
  sigmoid: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = 1 / (1 + Math.exp(-a[i]));
  },
  erf: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = erf(a[i]);
  },
};

const scratch: Row[] = [];

function scratchRow(slot: number): Row {
  scratch[slot] ??= new Float64Array(BLOCK);
  return scratch[slot];
}

export function pointwise(
  program: Program,
  inputs: readonly HostView[],
  parameters: readonly number[],
  out: HostView,
): void {
  run(program, inputs, parameters, [out]);
}

/** Each block is read whole before it is written, so that what is written may be what is read. */
export function update(
  program: Program,
  inputs: readonly HostView[],
  parameters: readonly number[],
  targets: readonly HostView[],
): void {
  run(program, inputs, parameters, targets);
}

function run(
  program: Program,
  inputs: readonly HostView[],
  parameters: readonly number[],
  outs: readonly HostView[],
): void {
  const size = sizeOf(outs[0].shape);
  if (size === 0) return;
  const block = Math.min(BLOCK, size);
  const firstConstant = program.inputs + program.parameters;
  const firstResult = firstConstant + program.constants.length;
  parameters.forEach((value, i) => scratchRow(program.inputs + i).fill(value, 0, block));
  program.constants.forEach((value, i) => scratchRow(firstConstant + i).fill(value, 0, block));
  const contiguous = inputs.map((view) => isContiguous(view.shape, view.strides));
  const uniform = inputs.map((view) =>
    view.strides.every((stride, axis) => stride === 0 || view.shape[axis] === 1),
  );
  inputs.forEach((view, i) => {
    if (uniform[i]) scratchRow(i).fill(view.buffer[view.offset], 0, block);
  });
  for (let start = 0; start < size; start += BLOCK) {
    const n = Math.min(BLOCK, size - start);
    for (let i = 0; i < inputs.length; i++) {
      if (uniform[i]) continue;
      if (contiguous[i]) loadContiguous(inputs[i], start, n, scratchRow(i));
      else loadStrided(inputs[i], start, n, scratchRow(i));
    }
    program.instructions.forEach(({ fn, args }, k) => {
      const [a, b, c] = args;
      loops[fn](scratchRow(firstResult + k), n, scratch[a], scratch[b], scratch[c]);
    });
    outs.forEach((out, k) => {
      store(scratchRow(program.results[k]), n, out, start);
    });
  }
}

function loadContiguous(view: HostView, start: number, n: number, row: Row): void {
  const from = view.offset + start;
  const buffer = view.buffer;
  // One loop per array type: a shared loop would see four and be compiled for none.
  if (buffer instanceof Float32Array) for (let i = 0; i < n; i++) row[i] = buffer[from + i];
  else if (buffer instanceof Float64Array) for (let i = 0; i < n; i++) row[i] = buffer[from + i];
  else if (buffer instanceof Int32Array) for (let i = 0; i < n; i++) row[i] = buffer[from + i];
  else for (let i = 0; i < n; i++) row[i] = buffer[from + i];
}

/** Loads elements start…start+n of a transposed, sliced or broadcast view, run by run along its last axis. */
function loadStrided(view: HostView, start: number, n: number, row: Row): void {
  const { shape, strides, buffer } = view;
  const last = shape.length - 1;
  const stride = strides[last];
  const length = shape[last];
  let filled = 0;
  while (filled < n) {
    const column = (start + filled) % length;
    const run = Math.min(length - column, n - filled);
    let from = offsetAt(view, start + filled);
    if (buffer instanceof Float32Array) {
      for (let i = 0; i < run; i++, from += stride) row[filled + i] = buffer[from];
    } else {
      for (let i = 0; i < run; i++, from += stride) row[filled + i] = buffer[from];
    }
    filled += run;
  }
}

function store(row: Row, n: number, out: HostView, start: number): void {
  const buffer = out.buffer;
  if (buffer instanceof Float32Array) for (let i = 0; i < n; i++) buffer[start + i] = row[i];
  else if (buffer instanceof Float64Array) for (let i = 0; i < n; i++) buffer[start + i] = row[i];
  else if (out.dtype === 'bool') for (let i = 0; i < n; i++) buffer[start + i] = row[i] !== 0 ? 1 : 0;
  else for (let i = 0; i < n; i++) buffer[start + i] = row[i];
}

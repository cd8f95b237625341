/**
 * Pointwise programs in WebAssembly, float32 and truth values: which function runs, over which rows. Inputs may lie in any
 * way; neighbouring axes along which no input jumps are joined, so that most calls are one long row. float64, and int32
 * where it is more than copied or converted, are left to others.
 */
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import type { KernelFunction } from '../assembler/module.ts';
import type { DType, Kernels, View } from '../contract.ts';
import { isContiguous, sizeOf } from '../strides.ts';
import type { Program } from './program.ts';
import { rules } from './simd-primitives.ts';
import { type Along, bytesOf, emitProgram, type InputLayout, OUTER, type Stored } from './simd-program.ts';
import { emitTranspose, TURNED_ROWS } from './simd-transpose.ts';

type PointwiseKernels = Pick<Kernels<LinearBuffer>, 'pointwise' | 'update'>;

/** What a launch has room for. */
const MOST_ARGUMENTS = 64;
/** Parts begin at multiples of this many elements, so that no two threads write into one cache line. */
const GRAIN = 64;
/** Rows of this length are cut into parts themselves where there are only a few. */
const [LONG, FEW] = [32768, 32];
/** Smaller matrices are not worth a launch each. */
const SMALL = 256;

const alongs: readonly Along[] = ['row', 'value', 'strided'];
const [ROW, VALUE, STRIDED] = [0, 1, 2];
const storedAs: readonly Stored[] = ['number', 'truth', 'whole'];
const [NUMBER, TRUTH, WHOLE, UNKNOWN] = [0, 1, 2, 3];
/** How many ways there are for an input to lie: `stored` times 3, plus `along`. */
const WAYS = 9;

/** A program with its functions. */
interface Compiled {
  readonly program: Program;
  /** What an element costs, in loads and additions. */
  readonly cost: number;
  /** By a number made of all that a function depends on. */
  readonly kernels: Map<number, KernelFunction>;
}

/** @param otherwise for other types */
export function simdPointwise(machine: Machine, otherwise: PointwiseKernels): PointwiseKernels {
  const programs = new Map<Program, Compiled>();
  const transpose = lazily(() => machine.module(emitTranspose));

  const compiledOf = (program: Program): Compiled => {
    let compiled = programs.get(program);
    if (!compiled) {
      const cost = program.instructions.reduce((sum, { fn }) => sum + rules[fn].cost, 1);
      compiled = { program, cost, kernels: new Map() };
      programs.set(program, compiled);
    }
    return compiled;
  };

  const kernelFor = (
    { program, kernels }: Compiled,
    ways: readonly number[],
    result: number,
    rows: boolean,
  ): KernelFunction => {
    let key = 2 * result + (rows ? 1 : 0);
    for (let i = 0; i < ways.length; i++) key = key * WAYS + ways[i];
    let kernel = kernels.get(key);
    if (!kernel) {
      const inputs = ways.map(layoutOf);
      const results = program.results.map(() => storedAs[result]);
      kernel = machine.module((module) => emitProgram(module, program, { inputs, results, rows }));
      kernels.set(key, kernel);
    }
    return kernel;
  };

  /** One row, cut into parts. @param args the addresses and strides, to which the rest is added */
  const launchRow = (
    compiled: Compiled,
    ways: readonly number[],
    result: number,
    args: number[],
    count: number,
    parameters: readonly number[],
  ): void => {
    const kernel = kernelFor(compiled, ways, result, false);
    const { perPart, parts } = cut(Math.ceil(count / GRAIN), GRAIN * compiled.cost);
    args.push(count, perPart * GRAIN);
    for (let i = 0; i < parameters.length; i++) args.push(parameters[i]);
    machine.launch(kernel, parts, ...args);
  };

  /** Inputs that jump. @param args the addresses of result and inputs */
  const launchRows = (
    compiled: Compiled,
    { shape, strides }: Joined,
    ways: readonly number[],
    result: number,
    args: number[],
    parameters: readonly number[],
  ): void => {
    const last = shape.length - 1;
    const columns = shape[last];
    const rowBytes = columns * bytesOf(storedAs[result]);
    if (last > 0 && isTranspose(compiled.program, ways, result, strides[0], columns, shape[last - 1])) {
      const rows = shape[last - 1];
      const groups = Math.ceil(rows / TURNED_ROWS);
      const { perPart, parts } = cut(groups, TURNED_ROWS * columns);
      args.push(strides[0][last], rows, columns, groups, perPart);
      eachIndex(shape, strides, last - 1, rows * rowBytes, args, () => {
        machine.launch(transpose(), parts, ...args);
      });
      return;
    }
    for (let i = 0; i < ways.length; i++) if (ways[i] % 3 === STRIDED) args.push(strides[i][last]);
    let rows = 1;
    for (let axis = 0; axis < last; axis++) rows *= shape[axis];
    if (columns >= LONG && rows <= FEW) {
      eachIndex(shape, strides, last, rowBytes, args, () => {
        launchRow(compiled, ways, result, [...args], columns, parameters);
      });
      return;
    }
    const kernel = kernelFor(compiled, ways, result, true);
    for (let i = 0; i < ways.length; i++) {
      for (let k = 1; k <= OUTER; k++) args.push(k <= last ? strides[i][last - k] : 0);
    }
    const inner = last >= 1 ? shape[last - 1] : 1;
    const middle = last >= 2 ? shape[last - 2] : 1;
    const count = inner * middle * (last >= 3 ? shape[last - 3] : 1);
    const { perPart, parts } = cut(count, columns * compiled.cost);
    args.push(columns, inner, middle, count, perPart);
    for (let i = 0; i < parameters.length; i++) args.push(parameters[i]);
    eachIndex(shape, strides, last - OUTER, count * rowBytes, args, () => {
      machine.launch(kernel, parts, ...args);
    });
  };

  return {
    pointwise: (program, inputs, parameters, out) => {
      const result = storedResult(program, inputs, out.dtype);
      const ways: number[] = [];
      let isKnown = result !== UNKNOWN && mostArguments(program) <= MOST_ARGUMENTS;
      let isFlat = true;
      for (let i = 0; i < inputs.length; i++) {
        const { dtype, shape, strides, buffer } = inputs[i];
        const stored = storedInput(program, dtype, out.dtype);
        isKnown &&= stored !== UNKNOWN && buffer !== null;
        const along = isContiguous(shape, strides) ? ROW : isUniform(shape, strides) ? VALUE : STRIDED;
        isFlat &&= along !== STRIDED;
        ways.push(3 * stored + along);
      }
      if (!isKnown) {
        otherwise.pointwise(program, inputs, parameters, out);
        return;
      }
      const size = sizeOf(out.shape);
      if (size === 0) return;
      // Every buffer was asked for above, which may run work; from here on nothing moves.
      const args = [machine.address(out)];
      for (let i = 0; i < inputs.length; i++) args.push(machine.address(inputs[i]));
      const compiled = compiledOf(program);
      if (isFlat) launchRow(compiled, ways, result, args, size, parameters);
      else launchRows(compiled, join(out.shape, inputs, ways), ways, result, args, parameters);
    },
    update: (program, inputs, parameters, targets) => {
      const { dtype, shape } = targets[0];
      if (dtype !== 'float32' || mostArguments(program) > MOST_ARGUMENTS) {
        otherwise.update(program, inputs, parameters, targets);
        return;
      }
      const size = sizeOf(shape);
      if (size === 0) return;
      const args: number[] = [];
      const ways: number[] = [];
      for (let i = 0; i < targets.length; i++) args.push(machine.address(targets[i]));
      for (let i = 0; i < inputs.length; i++) {
        args.push(machine.address(inputs[i]));
        ways.push(3 * NUMBER + ROW);
      }
      launchRow(compiledOf(program), ways, NUMBER, args, size, parameters);
    },
  };
}

/** @param way `stored` times 3, plus `along` */
function layoutOf(way: number): InputLayout {
  return { stored: storedAs[Math.floor(way / 3)], along: alongs[way % 3] };
}

/** Whether a matrix is copied whose columns stand in memory as rows, and which is worth a launch. */
function isTranspose(
  { instructions, inputs }: Program,
  [way]: readonly number[],
  result: number,
  strides: readonly number[],
  columns: number,
  rows: number,
): boolean {
  return (
    instructions.length === 0 &&
    inputs === 1 &&
    result === NUMBER &&
    way === 3 * NUMBER + STRIDED &&
    strides[strides.length - 2] === bytesOf('number') &&
    columns * rows >= SMALL
  );
}

/** How an input is read: int32 only where nothing is computed from it, that float32 would round. */
function storedInput({ instructions }: Program, dtype: DType, out: DType): number {
  if (dtype === 'float32') return NUMBER;
  if (dtype === 'bool') return TRUTH;
  if (dtype !== 'int32' || instructions.length > 0) return UNKNOWN;
  return out === 'int32' ? NUMBER : WHOLE; // copied, it may be any 32 bits
}

/** How the result is written: into int32 only what is copied, or a truth value. */
function storedResult({ instructions }: Program, inputs: readonly View<unknown>[], dtype: DType): number {
  if (dtype === 'float32') return NUMBER;
  if (dtype === 'bool') return TRUTH;
  if (dtype !== 'int32' || instructions.length > 0 || inputs.length !== 1) return UNKNOWN;
  return inputs[0].dtype === 'int32' ? NUMBER : inputs[0].dtype === 'bool' ? WHOLE : UNKNOWN;
}

/** How many arguments a function of this program may take: see `emitProgram`. */
function mostArguments({ inputs, parameters, results }: Program): number {
  return results.length + (2 + OUTER) * inputs + OUTER + 2 + parameters;
}

/** Whether a view shows one element everywhere. */
function isUniform(shape: readonly number[], strides: readonly number[]): boolean {
  for (let axis = 0; axis < shape.length; axis++) if (strides[axis] !== 0 && shape[axis] !== 1) return false;
  return true;
}

/** A shape, and every input's strides in bytes. */
interface Joined {
  readonly shape: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Joins neighbouring axes that all inputs walk through without a jump, and notes in `ways` how they run along the last. */
function join(extents: readonly number[], inputs: readonly View<unknown>[], ways: number[]): Joined {
  const shape: number[] = [];
  const strides: number[][] = [];
  for (let i = 0; i < inputs.length; i++) strides.push([]);
  for (let axis = 0; axis < extents.length; axis++) {
    const extent = extents[axis];
    if (extent === 1) continue;
    let last = shape.length - 1;
    let joins = last >= 0;
    for (let i = 0; i < inputs.length && joins; i++) {
      joins = strides[i][last] === inputs[i].strides[axis] * extent;
    }
    if (joins) shape[last] *= extent;
    else last = shape.push(extent) - 1;
    for (let i = 0; i < inputs.length; i++) strides[i][last] = inputs[i].strides[axis];
  }
  const last = shape.length - 1;
  for (let i = 0; i < inputs.length; i++) {
    const step = strides[i][last];
    ways[i] += (step === 1 ? ROW : step === 0 ? VALUE : STRIDED) - (ways[i] % 3);
    const bytes = bytesOf(storedAs[Math.floor(ways[i] / 3)]);
    for (let axis = 0; axis <= last; axis++) strides[i][axis] *= bytes;
  }
  return { shape, strides };
}

/**
 * Calls `body` for each index along the first `axes` axes, with the addresses of the result and of the inputs, the first
 * of `args`, moved there.
 *
 * @param resultStep bytes by which the result moves on from one index to the next
 */
function eachIndex(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  axes: number,
  resultStep: number,
  args: number[],
  body: () => void,
): void {
  body();
  if (axes <= 0) return;
  const index = new Array<number>(axes).fill(0);
  for (;;) {
    args[0] += resultStep;
    let axis = axes - 1;
    for (; axis >= 0; axis--) {
      for (let i = 0; i < strides.length; i++) args[i + 1] += strides[i][axis];
      if (++index[axis] < shape[axis]) break;
      for (let i = 0; i < strides.length; i++) args[i + 1] -= strides[i][axis] * shape[axis];
      index[axis] = 0;
    }
    if (axis < 0) return;
    body();
  }
}

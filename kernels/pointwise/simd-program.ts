/**
 * A pointwise program as a WebAssembly function: a walk along rows of elements, four at a time, with all intermediate
 * values in registers. There is one function for each program and each way in which its inputs lie in memory.
 */
import {
  f32,
  f32x4,
  i16x8,
  i32,
  i32x4,
  loadBytes,
  select,
  type Value,
  v128,
} from '../assembler/instructions.ts';
import type { FunctionBuilder, KernelFunction, Local, ModuleBuilder } from '../assembler/module.ts';
import { eachVector, type Lanes, load, piecesOf, store } from '../assembler/vectors.ts';
import type { Program } from './program.ts';
import { Four, rules } from './simd-primitives.ts';

/** What an element is stored as: a float32, or a byte that is 0 or 1; `whole` is an int32 that is read as a number. */
export type Stored = 'number' | 'truth' | 'whole';

/** How an input lies along a row: element behind element, one value for the whole row, or at any distance. */
export type Along = 'row' | 'value' | 'strided';

export interface InputLayout {
  readonly stored: Stored;
  readonly along: Along;
}

/** How the numbers lie that a function is emitted for. */
export interface Layout {
  readonly inputs: readonly InputLayout[];
  readonly results: readonly Stored[];
  /** Rows at any distance from each other, along up to OUTER axes; otherwise one row, cut into parts anywhere. */
  readonly rows: boolean;
}

/** Axes that a function walks along outside its rows. */
export const OUTER = 3;

/** An input while a row is walked along. */
interface Input extends InputLayout {
  /** The address of its first element. */
  readonly at: Local;
  /** Bytes from one element to the next, where it is `strided`. */
  readonly stride: Local | null;
  /** Its value throughout a row, where it has only one. */
  held: Held | null;
}

/** Makes an operand of what stands in a register; each piece of code makes its own, with what else is derived from it. */
type Held = () => Four;

/**
 * A function over arguments in this order: the addresses of results, then inputs; the strides in bytes of `strided`
 * inputs; for rows, the strides in bytes of each input along each outer axis, innermost first, then elements in a row and
 * rows along each outer axis but the last; pieces (elements or rows), and how many to a part; the program's parameters.
 */
export function emitProgram(module: ModuleBuilder, program: Program, layout: Layout): KernelFunction {
  const { inputs, results, rows } = layout;
  const numbered = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${name}${i}`);
  const strided = inputs.filter(({ along }) => along === 'strided').length;
  const names = [
    ...numbered('result', results.length),
    ...numbered('input', inputs.length),
    ...numbered('stride', strided),
    ...(rows ? numbered('step', OUTER * inputs.length) : []),
    ...(rows ? ['columns', ...numbered('extent', OUTER - 1)] : []),
    ...['count', 'perPart'],
    ...numbered('parameter', program.parameters).map((name) => `${name}: f32`),
  ];
  return module.kernel(program.key, names, (f, locals, part) => {
    const rest = [...locals];
    const take = (count: number): Local[] => rest.splice(0, count);
    const outs = take(results.length);
    const addresses = take(inputs.length);
    const strides = take(strided);
    const steps = rows ? inputs.map(() => take(OUTER)) : [];
    const [columns, ...extents] = rows ? take(OUTER) : [];
    const [count, perPart] = take(2);
    const parameters = take(program.parameters).map((parameter) => f.keep(f32x4.splat(parameter)));
    const operands = inputs.map((input, i): Input => {
      const stride = input.along === 'strided' ? (strides.shift() as Local) : null;
      return { ...input, at: addresses[i], stride, held: null };
    });
    const row = { program, operands, parameters, outs, results };
    const pieces = piecesOf(f, part, perPart, count);
    if (!rows) {
      const { first, last } = pieces;
      for (const input of operands) f.advance(input.at, i32.mul(first, stepOf(input)));
      outs.forEach((out, i) => f.advance(out, i32.mul(first, i32.const(bytesOf(results[i])))));
      emitRow(f, row, f.keep(i32.sub(last, first), 'i32'));
      return;
    }
    const rowBytes = results.map((stored) => f.keep(i32.mul(columns, i32.const(bytesOf(stored))), 'i32'));
    outs.forEach((out, i) => f.advance(out, i32.mul(pieces.first, rowBytes[i])));
    const starts = addresses.map(() => f.local('i32'));
    starts.forEach((start, i) => f.set(start, addresses[i]));
    eachRun(f, pieces, extents, (indices, length) => {
      operands.forEach(({ at }, i) => {
        const offsets = indices.map((index, axis) => i32.mul(index, steps[i][axis]));
        f.set(
          at,
          offsets.reduce<Value>((sum, offset) => i32.add(sum, offset), starts[i]),
        );
      });
      f.for(i32.const(0), length, 1, () => {
        emitRow(f, row, columns);
        operands.forEach(({ at }, i) => f.advance(at, steps[i][0]));
        outs.forEach((out, i) => f.advance(out, rowBytes[i]));
      });
    });
  });
}

/** How many bytes from one element to the next. */
function stepOf({ along, stored, stride }: Input): Value {
  if (stride) return stride;
  return i32.const(along === 'value' ? 0 : bytesOf(stored));
}

export function bytesOf(stored: Stored): number {
  return stored === 'truth' ? 1 : 4;
}

/**
 * The rows from `first` to before `last` as runs along the innermost outer axis: calls `body` with the indices of a
 * run's first row, innermost first, and the run's length.
 */
function eachRun(
  f: FunctionBuilder,
  { first, last }: { first: Local; last: Local },
  [inner, middle]: readonly Local[],
  body: (indices: readonly Local[], length: Local) => void,
): void {
  f.while(i32.ltS(first, last), () => {
    const run = f.keep(i32.divU(first, inner), 'i32');
    const index = f.keep(i32.sub(first, i32.mul(run, inner)), 'i32');
    const outer = f.keep(i32.divU(run, middle), 'i32');
    const within = f.keep(i32.sub(run, i32.mul(outer, middle)), 'i32');
    const left = f.keep(i32.sub(last, first), 'i32');
    const length = f.keep(i32.sub(inner, index), 'i32');
    f.if(i32.ltS(left, length), () => f.set(length, left));
    body([index, within, outer], length);
    f.advance(first, length);
  });
}

interface Row {
  readonly program: Program;
  readonly operands: readonly Input[];
  readonly parameters: readonly Local[];
  readonly outs: readonly Local[];
  readonly results: readonly Stored[];
}

/** One row of `count` elements, from where the addresses stand. Reads a group of elements whole before it writes it. */
function emitRow(
  f: FunctionBuilder,
  { program, operands, parameters, outs, results }: Row,
  count: Local,
): void {
  for (const input of operands) {
    if (input.along === 'value') input.held = loadValue(f, input);
  }
  eachVector(f, count, (lanes) => {
    const loaded = operands.map((input) =>
      input.held ? Array.from({ length: lanes.count }, input.held) : loadFours(f, lanes, input),
    );
    const vectors = Array.from({ length: lanes.count }, (_, v) => {
      const slots = [
        ...loaded.map((fours) => fours[v]),
        ...parameters.map((parameter) => Four.numbers(f, parameter)),
        ...program.constants.map((value) => Four.numbers(f, f.splat(value))),
      ];
      for (const { fn, args } of program.instructions) {
        slots.push(rules[fn].emit(f, ...args.map((slot) => slots[slot])));
      }
      return program.results.map((slot) => slots[slot]);
    });
    outs.forEach((out, k) => {
      storeFours(f, lanes, out, results[k], vectors.map((values) => values[k])); // biome-ignore format: one call
    });
  });
}

/** The one value that an input has in a row. */
function loadValue(f: FunctionBuilder, { stored, at }: Input): Held {
  switch (stored) {
    case 'number': {
      const number = f.keep(f32x4.loadSplat(at));
      return () => Four.numbers(f, number);
    }
    case 'whole': {
      const number = f.keep(f32x4.splat(f32.convertS(i32.load(at))));
      return () => Four.numbers(f, number);
    }
    case 'truth': {
      const mask = f.keep(i32x4.splat(i32.sub(i32.eqz(i32.load8(at)), i32.const(1))));
      return () => Four.truths(f, mask);
    }
  }
}

/** Some neighbouring elements of an input. Lanes beyond the row's end may hold anything. */
function loadFours(f: FunctionBuilder, lanes: Lanes, input: Input): Four[] {
  const { stored, stride, at } = input;
  if (stored === 'truth') {
    const bytes = stride ? gather(f, lanes, input, stride) : loadTruths(f, lanes, at);
    const none = f.constant('i32 0', v128.const([0, 0, 0, 0]));
    return bytes.map((four) => Four.truths(f, f.keep(i32x4.gtS(four, none))));
  }
  const words = stride ? gather(f, lanes, input, stride) : load(f, lanes, at);
  return words.map((four) => Four.numbers(f, stored === 'whole' ? f.keep(f32x4.convertS(four)) : four));
}

function loadTruths(f: FunctionBuilder, { count, at }: Lanes, row: Local): Local[] {
  const address = f.keep(i32.add(row, i32.shrU(at, i32.const(2))), 'i32');
  return Array.from({ length: count }, (_, i) => f.keep(loadBytes(address, 4 * i)));
}

/** Elements at any distance, one by one; in the place of those beyond the row's end, its last one again. */
function gather(f: FunctionBuilder, lanes: Lanes, { stored, at }: Input, stride: Local): Local[] {
  const { rest } = lanes;
  const address = f.keep(i32.add(at, i32.mul(i32.shrU(lanes.at, i32.const(2)), stride)), 'i32');
  return Array.from({ length: lanes.count }, (_, v) => {
    const four = f.local('v128');
    f.set(four, f.constant('i32 0', v128.const([0, 0, 0, 0])));
    for (let lane = 0; lane < 4; lane++) {
      if (lane > 0 && rest) f.advance(address, select(stride, i32.const(0), i32.gtS(rest, i32.const(lane))));
      else if (lane + v > 0) f.advance(address, stride);
      f.set(
        four,
        stored === 'truth' ? v128.loadByte(address, four, 4 * lane) : f32x4.loadLane(address, four, lane),
      );
    }
    return four;
  });
}

/** Writes some neighbouring elements, and nothing beyond the row's end. */
function storeFours(f: FunctionBuilder, lanes: Lanes, out: Local, stored: Stored, fours: readonly Four[]): void {
  if (stored === 'number') store(f, lanes, out, fours.map(({ number }) => number));
  else if (stored === 'truth') storeTruths(f, lanes, out, fours.map(({ mask }) => mask));
  else {
    const one = f.constant('i32 1', v128.const([1, 1, 1, 1]));
    store(f, lanes, out, fours.map(({ mask }) => v128.and(mask, one)));
  }
} // biome-ignore format: a kind a line

/** Masks as bytes of 0 and 1: narrowed twice, which keeps −1 and 0. */
function storeTruths(f: FunctionBuilder, { at, rest }: Lanes, out: Local, masks: readonly Local[]): void {
  const address = f.keep(i32.add(out, i32.shrU(at, i32.const(2))), 'i32');
  const words = i32x4.narrow(masks[0], masks[1] ?? masks[0]);
  const ones = f.constant('bytes 1', v128.const(new Array(4).fill(0x01010101)));
  const bytes = f.keep(v128.and(i16x8.narrow(words, words), ones));
  if (!rest) {
    f.add(v128.storeHalf(address, bytes, 0));
    return;
  }
  f.if(
    i32.geS(rest, i32.const(4)),
    () => f.add(f32x4.storeLane(address, bytes, 0)),
    () => {
      f.if(
        i32.and(rest, i32.const(2)),
        () => {
          f.add(v128.storeTwoBytes(address, bytes, 0));
          f.if(i32.and(rest, i32.const(1)), () => f.add(v128.storeByte(address, bytes, 2, 2)));
        },
        () => f.add(v128.storeByte(address, bytes, 0)),
      );
    },
  );
}

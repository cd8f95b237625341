/**
 * Pointwise programs in WebAssembly, float32: one emitted function per program walks along the last axis four elements
 * at a time, all intermediate values in registers. Programs with functions that no one has emitted yet (log, sin, erf, …),
 * other types (but for truth values along rows) and awkward strides go to the kernel handed over as `otherwise`.
 */
import { type Code, f32, f32x4, i32, repeatWhile, select, v128 } from '../assembler/instructions.ts';
import { addressOf, type LinearBuffer, type LinearMemory } from '../assembler/linear-memory.ts';
import { FunctionBuilder, instantiate, type Local } from '../assembler/module.ts';
import type { WebAssemblyFunction } from '../assembler/webassembly.ts';
import type { Kernels, View } from '../contract.ts';
import { forEachRow } from '../strides.ts';
import type { Primitive } from './expression.ts';
import type { Program } from './program.ts';
import { exp, type Keep, tanh } from './simd-functions.ts';

const LANES = 4;
const splat = (value: number): Code => f32x4.splat(f32.const(value));
/** A comparison's ones and zeros in every bit, as the numbers 1 and 0. */
const truth = (mask: Code): Code => v128.and(mask, splat(1));

/** What each primitive becomes. `keep` puts an intermediate value that is used twice into a register. */
const instructions: Partial<Record<Primitive, (keep: Keep, a: Code, b: Code, c: Code) => Code>> = {
  add: (_, a, b) => f32x4.add(a, b),
  sub: (_, a, b) => f32x4.sub(a, b),
  mul: (_, a, b) => f32x4.mul(a, b),
  div: (_, a, b) => f32x4.div(a, b),
  neg: (_, a) => f32x4.neg(a),
  abs: (_, a) => f32x4.abs(a),
  sqrt: (_, a) => f32x4.sqrt(a),
  maximum: (_, a, b) => f32x4.max(a, b),
  minimum: (_, a, b) => f32x4.min(a, b),
  lessThan: (_, a, b) => truth(f32x4.lessThan(a, b)),
  lessEqual: (_, a, b) => truth(f32x4.lessEqual(a, b)),
  equal: (_, a, b) => truth(f32x4.equal(a, b)),
  select: (_, condition, a, b) => v128.bitselect(a, b, f32x4.notEqual(condition, splat(0))),
  exp: (keep, a) => exp(keep, a),
  tanh: (keep, a) => tanh(keep, a),
};

/** How an input runs along the last axis: element by element, or one value (a number or a truth) for the whole row. */
type Run = 'row' | 'value' | 'truth';

/** row(n, out, inputs…, parameters…): n elements from 4 up; addresses in bytes, parameters as float32. */
export function rowFunction(program: Program, runs: readonly Run[]): FunctionBuilder {
  const f = new FunctionBuilder('row');
  const [n, out] = [f.parameter('i32'), f.parameter('i32')];
  const addresses = runs.map(() => f.parameter('i32'));
  const parameters = Array.from({ length: program.parameters }, () => f.parameter('f32'));
  const [i, at] = [f.local('i32'), f.local('i32')];
  const slots: Local[] = [];
  const slot = (value: Code): Code => {
    slots.push(f.local('v128'));
    return slots[slots.length - 1].set(value);
  };
  const before: Code[] = [];
  const loads: Code[] = [];
  addresses.forEach((address, k) => {
    if (runs[k] === 'value') before.push(slot(f32x4.loadSplat(address.get)));
    else if (runs[k] === 'truth') before.push(slot(f32x4.splat(f32.convert(i32.load8(address.get)))));
    else loads.push(slot(f32x4.load(i32.add(address.get, at.get))));
  });
  for (const parameter of parameters) before.push(slot(f32x4.splat(parameter.get)));
  for (const value of program.constants) before.push(slot(splat(value)));
  const work: Code[] = [];
  const keep: Keep = (value) => {
    const local = f.local('v128');
    work.push(local.set(value));
    return local.get;
  };
  for (const { fn, args } of program.instructions) {
    const [a, b, c] = args.map((index) => slots[index].get);
    work.push(slot(instructions[fn]!(keep, a, b, c)));
  }
  // The last step ends at the row's end: where n is no multiple of 4 it does some elements a second time.
  const last = i32.sub(n.get, i32.const(LANES));
  const step = select(i.get, last, i32.lessThan(i.get, last));
  return f.body(
    ...before,
    repeatWhile(
      [
        at.set(i32.shl(step, i32.const(2))),
        ...loads,
        ...work,
        f32x4.store(i32.add(out.get, at.get), slots[program.result].get),
        i.set(i32.add(i.get, i32.const(LANES))),
      ].flat(),
      i32.lessThan(i.get, n.get),
    ),
  );
}

type Pointwise = Kernels<LinearBuffer>['pointwise'];

export function simdPointwise(memory: LinearMemory, otherwise: Pointwise): Pointwise {
  const compiled = new Map<string, WebAssemblyFunction>();

  return (program, inputs, parameters, out) => {
    const known = program.instructions.every(({ fn }) => instructions[fn]);
    const typed =
      inputs.every(({ dtype }) => dtype === 'float32' || dtype === 'bool') && out.dtype === 'float32';
    if (!known || !typed) {
      otherwise(program, inputs, parameters, out);
      return;
    }
    const { shape, strides } = merge(out, inputs);
    const last = shape.length - 1;
    const n = shape[last] ?? 1;
    const isTruth = inputs.map(({ dtype }) => dtype === 'bool');
    const fits = strides.every((own, k) => own[last] === 0 || (own[last] === 1 && !isTruth[k]));
    if (n < LANES || !fits) {
      otherwise(program, inputs, parameters, out);
      return;
    }
    const runs = strides.map((own, k): Run => (isTruth[k] ? 'truth' : own[last] === 0 ? 'value' : 'row'));
    const key = `${program.key}/${runs.join()}`;
    let row = compiled.get(key);
    if (!row) {
      row = instantiate([rowFunction(program, runs)], memory.memory).row;
      compiled.set(key, row);
    }
    const run = row;
    const starts = strides.map((own, k) => rowAddresses(shape, own, inputs[k]));
    const rowBytes = 4 * n;
    for (let r = 0, to = addressOf(out); r < (starts[0]?.length ?? 1); r++, to += rowBytes) {
      run(n, to, ...starts.map((own) => own[r]), ...parameters);
    }
  };
}

function rowAddresses(
  shape: readonly number[],
  strides: readonly number[],
  view: View<LinearBuffer>,
): number[] {
  const addresses: number[] = [];
  const bytes = view.dtype === 'bool' ? 1 : 4;
  const start = view.buffer.offset + bytes * view.offset;
  forEachRow(shape, strides, 0, (_, at) => addresses.push(start + bytes * at));
  return addresses;
}

/** Joins neighbouring axes that every view walks through without a jump, so that rows become as long as can be. */
function merge(
  out: View<unknown>,
  inputs: readonly View<unknown>[],
): { shape: number[]; strides: number[][] } {
  const shape: number[] = [];
  const strides: number[][] = inputs.map(() => []);
  out.shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const joins =
      shape.length > 0 && inputs.every((view, k) => strides[k].at(-1) === view.strides[axis] * extent);
    if (joins) shape[shape.length - 1] *= extent;
    else shape.push(extent);
    inputs.forEach((view, k) => {
      if (joins) strides[k].pop();
      strides[k].push(view.strides[axis]);
    });
  });
  return { shape, strides };
}

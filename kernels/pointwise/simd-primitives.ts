/** What each primitive of a pointwise expression becomes in WebAssembly, for four float32 at a time. */
import { f32x4, type Value, v128 } from '../assembler/instructions.ts';
import type { FunctionBuilder, Local } from '../assembler/module.ts';
import type { Primitive } from './expression.ts';
import { cos, pow, sin } from './simd-double-functions.ts';
import { erf, exp, expm1, log, log1p, sigmoid, sign, tanh } from './simd-functions.ts';

/** Four numbers, or four truth values as masks of ones and zeros. Either is made of the other when it is first needed. */
export class Four {
  readonly #f: FunctionBuilder;
  #number: Local | null;
  #mask: Local | null;

  private constructor(f: FunctionBuilder, number: Local | null, mask: Local | null) {
    this.#f = f;
    this.#number = number;
    this.#mask = mask;
  }

  static numbers(f: FunctionBuilder, number: Local): Four {
    return new Four(f, number, null);
  }

  static truths(f: FunctionBuilder, mask: Local): Four {
    return new Four(f, null, mask);
  }

  /** Truth values as 1 and 0. */
  get number(): Local {
    this.#number ??= this.#f.keep(v128.and(this.#mask as Local, this.#f.splat(1)));
    return this.#number;
  }

  /** Everything but 0 is true, NaN too. */
  get mask(): Local {
    this.#mask ??= this.#f.keep(f32x4.ne(this.#number as Local, this.#f.splat(0)));
    return this.#mask;
  }
}

interface Rule {
  /** What it costs, in loads and additions. */
  readonly cost: number;
  readonly emit: (f: FunctionBuilder, ...args: Four[]) => Four;
}

/** An instruction or two. */
const simple = (value: (...args: Local[]) => Value, cost = 0.25): Rule => ({
  cost,
  emit: (f, ...args) => Four.numbers(f, f.keep(value(...args.map(({ number }) => number)))),
});

const comparison = (mask: (a: Local, b: Local) => Value): Rule => ({
  cost: 0.25,
  emit: (f, a, b) => Four.truths(f, f.keep(mask(a.number, b.number))),
});

const series = (cost: number, value: (f: FunctionBuilder, ...args: Local[]) => Local): Rule => ({
  cost,
  emit: (f, ...args) => Four.numbers(f, value(f, ...args.map(({ number }) => number))),
});

export const rules: Record<Primitive, Rule> = {
  add: simple(f32x4.add),
  sub: simple(f32x4.sub),
  mul: simple(f32x4.mul),
  div: simple(f32x4.div, 1),
  sqrt: simple(f32x4.sqrt, 1),
  neg: simple(f32x4.neg),
  abs: simple(f32x4.abs),
  maximum: simple(f32x4.max, 0.5),
  minimum: simple(f32x4.min, 0.5),
  lessThan: comparison(f32x4.lt),
  lessEqual: comparison(f32x4.le),
  equal: comparison(f32x4.eq),
  select: {
    cost: 0.25,
    emit: (f, condition, a, b) => Four.numbers(f, f.keep(v128.bitselect(a.number, b.number, condition.mask))),
  },
  sign: series(0.5, sign),
  exp: series(5, exp),
  expm1: series(6, expm1),
  log: series(6, log),
  log1p: series(8, log1p),
  tanh: series(8, tanh),
  sigmoid: series(6, sigmoid),
  erf: series(8, erf),
  sin: series(16, sin),
  cos: series(16, cos),
  pow: series(32, pow),
};

/**
 * Functions with parameters and locals, and the module that holds them. A function is built statement by statement:
 *
 *     const f = module.kernel('double', ['x', 'out', 'count'], …)
 */
import {
  type Code,
  callFunction,
  codeOf,
  f32,
  f32x4,
  i32,
  ifElse,
  repeatWhile,
  unsigned,
  type Value,
  whileLoop,
} from './instructions.ts';

const typeCodes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

export type ValueType = keyof typeof typeCodes;

/** A parameter or local variable of a function. */
export class Local {
  /** Reads it. */
  readonly get: Code;
  readonly index: number;

  constructor(index: number) {
    this.index = index;
    this.get = [0x20, ...unsigned(index)];
  }
}

/** How many bytes an address moves over for n numbers of four bytes. */
export function fourTimes(n: Value): Code {
  return i32.shl(n, i32.const(2));
}

/** A function without a result. Its parameters are fixed when it is made; locals and statements are added one by one. */
export class FunctionBuilder {
  readonly name: string;
  /** Its number in the module. */
  readonly index: number;
  readonly #parameters: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  /** Set once, before everything else. */
  readonly #constants: Code[] = [];
  readonly #splats = new Map<string, Local>();
  #statements: Code[] = [];

  constructor(name: string, index: number, parameters: readonly ValueType[]) {
    this.name = name;
    this.index = index;
    this.#parameters = parameters;
  }

  parameter(index: number): Local {
    return new Local(index);
  }

  /** A variable, 0 to begin with. */
  local(type: ValueType): Local {
    return new Local(this.#parameters.length + this.#locals.push(type) - 1);
  }

  /** Several variables of one type. */
  locals(type: ValueType, count: number): Local[] {
    return Array.from({ length: count }, () => this.local(type));
  }

  /** Adds a statement: instructions that leave nothing. */
  add(...statements: Code[]): void {
    this.#statements.push(...statements);
  }

  set(local: Local, value: Value): void {
    this.add([...codeOf(value), 0x21, ...unsigned(local.index)]);
  }

  /** A new variable with a value that is computed once and used more than once. */
  keep(value: Value, type: ValueType = 'v128'): Local {
    const local = this.local(type);
    this.set(local, value);
    return local;
  }

  /** local += value, both i32. */
  advance(local: Local, value: Value | number): void {
    this.set(local, i32.add(local, typeof value === 'number' ? i32.const(value) : value));
  }

  /** A vector with a constant in every lane: set when the function begins, so that no loop makes it again. */
  splat(value: number): Local {
    return this.constant(`f32 ${Object.is(value, -0) ? '-0' : value}`, f32x4.splat(f32.const(value)));
  }

  /** Any constant vector, set when the function begins; `name` tells it from others. */
  constant(name: string, value: Code): Local {
    let local = this.#splats.get(name);
    if (!local) {
      local = this.local('v128');
      this.#splats.set(name, local);
      this.#constants.push([...value, 0x21, ...unsigned(local.index)]);
    }
    return local;
  }

  /** The statements that `body` adds, as one piece of code. */
  block(body: () => void): Code {
    const outer = this.#statements;
    this.#statements = [];
    try {
      body();
      return this.#statements.flat();
    } finally {
      this.#statements = outer;
    }
  }

  /** For as long as `condition` is not 0 before each turn. */
  while(condition: Value, body: () => void): void {
    this.add(whileLoop(condition, this.block(body)));
  }

  /** Once, and again for as long as what `body` returns is not 0: one branch a turn, for inner loops. */
  repeat(body: () => Value): void {
    let condition: Value = [];
    const code = this.block(() => {
      condition = body();
    });
    this.add(repeatWhile(code, condition));
  }

  /** For `i` from `from` below `to` (signed) in steps. */
  for(from: Value, to: Value, step: number | Value, body: (i: Local) => void): void {
    const i = this.keep(from, 'i32');
    const end = this.keep(to, 'i32');
    this.while(i32.ltS(i, end), () => {
      body(i);
      this.advance(i, step);
    });
  }

  if(condition: Value, then: () => void, otherwise?: () => void): void {
    this.add(ifElse(condition, this.block(then), otherwise ? this.block(otherwise) : []));
  }

  call(callee: FunctionBuilder, ...args: Value[]): void {
    this.add(callFunction(callee.index, args));
  }

  /** Its entry in the type section: parameters, no results. */
  get signature(): Code {
    return [0x60, ...list(this.#parameters.map((type) => [typeCodes[type]])), 0];
  }

  /** Its entry in the code section: runs of one local each, then the body. */
  get code(): Code {
    const locals = list(this.#locals.map((type) => [1, typeCodes[type]]));
    return sized([...locals, ...this.#constants.flat(), ...this.#statements.flat(), 0x0b]);
  }
}

/**
 * A function that threads run: `(block, part)`. Its arguments stand in memory as 32-bit numbers, one behind the other
 * from the address `block` on, so that every thread reads the same ones; `part` says which part of the work to do.
 */
export interface KernelFunction {
  readonly name: string;
  /** Which arguments are float32; the others are int32. */
  readonly floats: readonly boolean[];
  /** The number of its module, and its own among the module's kernels. */
  readonly module: number;
  readonly entry: number;
}

/** What to add to a module. */
export class ModuleBuilder {
  readonly #functions: FunctionBuilder[] = [];
  readonly #exported: FunctionBuilder[] = [];
  readonly mode: Mode;
  readonly id: number;

  /** @param id the machine's number for this module */
  constructor(mode: Mode, id: number) {
    this.mode = mode;
    this.id = id;
  }

  /** A function for others of this module to call. */
  function(
    name: string,
    parameters: readonly ValueType[],
    body: (f: FunctionBuilder, parameters: Local[]) => void,
  ): FunctionBuilder {
    const f = new FunctionBuilder(name, this.#functions.length, parameters);
    this.#functions.push(f);
    body(
      f,
      parameters.map((_, i) => f.parameter(i)),
    );
    return f;
  }

  /**
   * A function for threads to run.
   *
   * @param parameters the names of its arguments; one that ends in `: f32` is a float32, the others are int32
   */
  kernel(
    name: string,
    parameters: readonly string[],
    body: (f: FunctionBuilder, parameters: Local[], part: Local) => void,
  ): KernelFunction {
    const floats = parameters.map((parameter) => parameter.endsWith(': f32'));
    const f = this.function(name, ['i32', 'i32'], (f, [block, part]) => {
      const values = floats.map((isFloat, i) =>
        f.keep((isFloat ? f32 : i32).load(block, 4 * i), isFloat ? 'f32' : 'i32'),
      );
      body(f, values, part);
    });
    return { name, floats, module: this.id, entry: this.#exported.push(f) - 1 };
  }

  /** The bytes: imports a memory as host.memory and exports every kernel by its number. */
  encode(): Uint8Array {
    const { shared, wide, madd } = this.mode;
    const limits = shared ? [0x03, 0x00, ...unsigned(MOST_PAGES)] : [0x00, 0x00];
    const memory = [...text('host'), ...text('memory'), 0x02, ...limits];
    const functions = this.#functions;
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
      // An engine that has compiled these bytes before may use that code again, whatever it is told since: name the mode.
      ...[0, ...sized([...text('mode'), Number(wide), Number(madd)])],
      ...section(1, functions.map((f) => f.signature)),
      ...section(2, [memory]),
      ...section(3, functions.map((_, i) => unsigned(i))),
      ...section(7, this.#exported.map((f, i) => [...text(String(i)), 0x00, ...unsigned(f.index)])),
      ...section(10, functions.map((f) => f.code)),
      // What profilers and stack traces call the functions.
      ...[0, ...sized([...text('name'), 1, ...sized(list(functions.map((f) => [...unsigned(f.index), ...text(f.name)])))])],
    ]); // biome-ignore format: a section a line
  }
}

/** How code is emitted. */
export interface Mode {
  /** The memory is shared between threads. */
  readonly shared: boolean;
  /** The engine joins pairs of vectors (V8's revectorizer), so tiles are twice as wide. The bits stay the same. */
  readonly wide: boolean;
  /** Products and sums may be rounded once (`--fast`). The bits depend on the machine. */
  readonly madd: boolean;
}

/** 4 GiB: what addresses of 32 bits reach. A shared memory must name its limit, and modules the same one or more. */
export const MOST_PAGES = 65536;

/** How many entries, then the entries. */
function list(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

/** How many bytes, then the bytes. */
function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

function text(value: string): Code {
  return sized([...value].map((letter) => letter.charCodeAt(0)));
}

function section(id: number, entries: readonly Code[]): Code {
  return [id, ...sized(list(entries))];
}

/** Functions with parameters and locals, and the module that holds them. */
import { type Code, unsigned } from './instructions.ts';
import { type WebAssemblyFunction, type WebAssemblyMemory, webAssembly } from './webassembly.ts';

const typeCodes = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

export type ValueType = keyof typeof typeCodes;

/** A parameter or local variable of a function. */
export class Local {
  readonly get: Code;
  readonly #index: number;

  constructor(index: number) {
    this.#index = index;
    this.get = [0x20, ...unsigned(index)];
  }

  set(value: Code): Code {
    return [...value, 0x21, ...unsigned(this.#index)];
  }
}

/** A function without a result. Declare its parameters first, then its locals, then give its body. */
export class FunctionBuilder {
  readonly name: string;
  readonly #parameters: ValueType[] = [];
  readonly #locals: ValueType[] = [];
  #body: Code = [];

  constructor(name: string) {
    this.name = name;
  }

  parameter(type: ValueType): Local {
    return new Local(this.#parameters.push(type) - 1);
  }

  local(type: ValueType): Local {
    return new Local(this.#parameters.length + this.#locals.push(type) - 1);
  }

  body(...instructions: Code[]): this {
    this.#body = instructions.flat();
    return this;
  }

  /** Its entry in the type section: parameters, no results. */
  get signature(): Code {
    return [0x60, ...list(this.#parameters.map((type) => [typeCodes[type]])), 0];
  }

  /** Its entry in the code section: runs of one local each, then the body. */
  get code(): Code {
    const locals = list(this.#locals.map((type) => [1, typeCodes[type]]));
    return sized([...locals, ...this.#body, 0x0b]);
  }
}

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

/** The binary module: imports a memory as host.memory and exports every function by its name. */
export function encodeModule(functions: readonly FunctionBuilder[]): Uint8Array {
  const memory = [...text('host'), ...text('memory'), 0x02, 0x00, 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, functions.map((f) => f.signature)),
    ...section(2, [memory]),
    ...section(3, functions.map((_, i) => unsigned(i))),
    ...section(7, functions.map((f, i) => [...text(f.name), 0x00, ...unsigned(i)])),
    ...section(10, functions.map((f) => f.code)),
  ]); // biome-ignore format: a section a line
}

/** Compiles the functions at once and binds them to a memory. */
export function instantiate(
  functions: readonly FunctionBuilder[],
  memory: WebAssemblyMemory,
): Record<string, WebAssemblyFunction> {
  if (!webAssembly) throw new Error('WebAssembly is not available here');
  const module = new webAssembly.Module(encodeModule(functions));
  return new webAssembly.Instance(module, { host: { memory } }).exports;
}

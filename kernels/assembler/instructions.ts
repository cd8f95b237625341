/**
 * WebAssembly instructions as functions that give their bytes. An instruction is written with its operands inside, as
 * an expression: `f32x4.add(f32x4.load(p), x)` is the bytes of the load, of x, then of the addition, in the order in
 * which a stack machine wants them. Numbers of the binary format: https://webassembly.github.io/spec/core/binary/.
 */

/** The bytes of some instructions. */
export type Code = readonly number[];

/** An operand: instructions that leave a value, or a parameter or local variable that is read. */
export type Value = Code | { readonly get: Code };

/** Unsigned LEB128: seven bits a byte, lowest first. */
export function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? byte + 128 : byte);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128, for constants of 32 bits. */
function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 127;
    rest >>= 7;
    if ((rest === 0 && byte < 64) || (rest === -1 && byte >= 64)) return [...bytes, byte];
    bytes.push(byte + 128);
  }
}

/** The instructions that leave a value. */
export function codeOf(value: Value): Code {
  return 'get' in value ? value.get : value;
}

function join(values: readonly Value[], end: Code): Code {
  const code: number[] = [];
  for (const value of values) for (const byte of codeOf(value)) code.push(byte);
  for (const byte of end) code.push(byte);
  return code;
}

/** One byte after its operands. */
function plain(opcode: number): (...operands: Value[]) => Code {
  return (...operands) => join(operands, [opcode]);
}

/** SIMD instructions share the prefix 0xfd. */
function simd(opcode: number): (...operands: Value[]) => Code {
  return (...operands) => join(operands, [0xfd, ...unsigned(opcode)]);
}

/** Alignment as a power of two, then the constant added to the address. */
function memory(align: number, offset: number): Code {
  return [align, ...unsigned(offset)];
}

/** A load: the address, in bytes, and a constant added to it. */
function load(opcode: Code, align: number): Load {
  return (address, offset = 0) => join([address], [...opcode, ...memory(align, offset)]);
}

function store(opcode: Code, align: number): Store {
  return (address, value, offset = 0) => join([address, value], [...opcode, ...memory(align, offset)]);
}

/** A load or store of one lane of a vector. */
function oneLane(opcode: number, align: number): OneLane {
  return (address, value, lane, offset = 0) =>
    join([address, value], [0xfd, opcode, ...memory(align, offset), lane]);
}

type Load = (address: Value, offset?: number) => Code;
type Store = (address: Value, value: Value, offset?: number) => Code;
type OneLane = (address: Value, value: Value, lane: number, offset?: number) => Code;
type Unary = (a: Value) => Code;
type Binary = (a: Value, b: Value) => Code;

/** Whole numbers of 32 bits; comparisons give 1 or 0. `S` reads them as signed, `U` as unsigned, as addresses are. */
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: load([0x28], 2) as Load,
  store: store([0x36], 2) as Store,
  /** One byte, from 0 to 255. */
  load8: load([0x2d], 0) as Load,
  eqz: plain(0x45) as Unary,
  eq: plain(0x46) as Binary,
  ne: plain(0x47) as Binary,
  ltS: plain(0x48) as Binary,
  ltU: plain(0x49) as Binary,
  gtS: plain(0x4a) as Binary,
  gtU: plain(0x4b) as Binary,
  leS: plain(0x4c) as Binary,
  leU: plain(0x4d) as Binary,
  geS: plain(0x4e) as Binary,
  add: plain(0x6a) as Binary,
  sub: plain(0x6b) as Binary,
  mul: plain(0x6c) as Binary,
  divU: plain(0x6e) as Binary,
  remU: plain(0x70) as Binary,
  and: plain(0x71) as Binary,
  xor: plain(0x73) as Binary,
  shl: plain(0x74) as Binary,
  shrS: plain(0x75) as Binary,
  shrU: plain(0x76) as Binary,
};

/** Whole numbers of 64 bits. */
export const i64 = {
  load: load([0x29], 3) as Load,
  store: store([0x37], 3) as Store,
  ltS: plain(0x53) as Binary,
  gtS: plain(0x55) as Binary,
  or: plain(0x84) as Binary,
  shl: plain(0x86) as Binary,
  const: (value: bigint): Code => [0x42, ...signed64(value)],
  /** From 32 bits, read as signed or as unsigned. */
  extendS: plain(0xac) as Unary,
  extendU: plain(0xad) as Unary,
};

/** One float32. */
export const f32 = {
  const: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  load: load([0x2a], 2) as Load,
  store: store([0x38], 2) as Store,
  add: plain(0x92) as Binary,
  sub: plain(0x93) as Binary,
  mul: plain(0x94) as Binary,
  convertS: plain(0xb2) as Unary,
  /** A float64 rounded. */
  demote: plain(0xb6) as Unary,
};

/** One float64. */
export const f64 = {
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  load: load([0x2b], 2) as Load,
  store: store([0x39], 2) as Store,
  sqrt: plain(0x9f) as Unary,
  add: plain(0xa0) as Binary,
  sub: plain(0xa1) as Binary,
  mul: plain(0xa2) as Binary,
  div: plain(0xa3) as Binary,
  min: plain(0xa4) as Binary,
  max: plain(0xa5) as Binary,
  convertS: plain(0xb7) as Unary,
  /** A float32, exactly. */
  promote: plain(0xbb) as Unary,
};

/** A vector of four float32. Comparisons give lanes of all ones or all zeros. */
export const f32x4 = {
  load: load([0xfd, 0x00], 2) as Load,
  /** Loads one number into all four lanes. */
  loadSplat: load([0xfd, 0x09], 2) as Load,
  /** Loads two numbers into the first lanes; the others are 0. */
  loadTwo: load([0xfd, 0x5d], 2) as Load,
  store: store([0xfd, 0x0b], 2) as Store,
  /** A vector with one lane loaded; the others are the value's. */
  loadLane: oneLane(0x56, 2) as OneLane,
  storeLane: oneLane(0x5a, 2) as OneLane,
  splat: simd(0x13) as Unary,
  lane: (a: Value, lane: number): Code => join([a], [0xfd, 0x1f, lane]),
  replaceLane: (a: Value, lane: number, value: Value): Code => join([a, value], [0xfd, 0x20, lane]),
  eq: simd(0x41) as Binary,
  ne: simd(0x42) as Binary,
  lt: simd(0x43) as Binary,
  gt: simd(0x44) as Binary,
  le: simd(0x45) as Binary,
  ge: simd(0x46) as Binary,
  /** Rounded to the nearest whole number, halves to the even one. */
  nearest: simd(0x6a) as Unary,
  abs: simd(0xe0) as Unary,
  neg: simd(0xe1) as Unary,
  sqrt: simd(0xe3) as Unary,
  add: simd(0xe4) as Binary,
  sub: simd(0xe5) as Binary,
  mul: simd(0xe6) as Binary,
  div: simd(0xe7) as Binary,
  /** NaN wins, as in Math.min and Math.max. */
  min: simd(0xe8) as Binary,
  max: simd(0xe9) as Binary,
  /** b where b < a, otherwise a: one instruction of the processor, where `min` is seven. With NaN in a, NaN. */
  lesser: simd(0xea) as Binary,
  /** b where a < b, otherwise a. */
  greater: simd(0xeb) as Binary,
  convertS: simd(0xfa) as Unary,
  /** Two float64, rounded, in the first lanes; the others are 0. */
  demote: simd(0x5e) as Unary,
  /** a · b + c, rounded once or twice as the machine likes: only under `--fast`. */
  relaxedMadd: simd(0x105) as (a: Value, b: Value, c: Value) => Code,
};

/** A vector of two float64. */
export const f64x2 = {
  load: load([0xfd, 0x00], 2) as Load,
  store: store([0xfd, 0x0b], 2) as Store,
  splat: simd(0x14) as Unary,
  lane: (a: Value, lane: number): Code => join([a], [0xfd, 0x21, lane]),
  eq: simd(0x47) as Binary,
  lt: simd(0x49) as Binary,
  gt: simd(0x4a) as Binary,
  abs: simd(0xec) as Unary,
  neg: simd(0xed) as Unary,
  add: simd(0xf0) as Binary,
  sub: simd(0xf1) as Binary,
  mul: simd(0xf2) as Binary,
  div: simd(0xf3) as Binary,
  min: simd(0xf4) as Binary,
  max: simd(0xf5) as Binary,
  nearest: simd(0x94) as Unary,
  /** The first two of four float32, exactly. */
  promoteLow: simd(0x5f) as Unary,
};

/** A vector of four int32. Comparisons give lanes of all ones or all zeros. */
export const i32x4 = {
  splat: simd(0x11) as Unary,
  lane: (a: Value, lane: number): Code => join([a], [0xfd, 0x1b, lane]),
  eq: simd(0x37) as Binary,
  ltS: simd(0x39) as Binary,
  ltU: simd(0x3a) as Binary,
  gtS: simd(0x3b) as Binary,
  add: simd(0xae) as Binary,
  sub: simd(0xb1) as Binary,
  shl: simd(0xab) as Binary,
  /** Keeps the sign. */
  shrS: simd(0xac) as Binary,
  shrU: simd(0xad) as Binary,
  /** Four bytes at an address, each from 0 to 255: see `loadBytes`. */
  extendLowU16: simd(0xa9) as Unary,
  /** a's lanes, then b's, as eight int16; what is out of range becomes the nearest that is not. */
  narrow: simd(0x85) as Binary,
};

export const i16x8 = {
  /** a's lanes, then b's, as sixteen bytes; what is out of range becomes the nearest that is not. */
  narrow: simd(0x65) as Binary,
};

export const i64x2 = {
  const: (value: bigint): Code => simd(0x12)([0x42, ...signed64(value)]),
  add: simd(0xce) as Binary,
  sub: simd(0xd1) as Binary,
  shl: simd(0xcb) as Binary,
  shrU: simd(0xcd) as Binary,
};

function signed64(value: bigint): Code {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && byte < 64) || (rest === -1n && byte >= 64)) return [...bytes, byte];
    bytes.push(byte + 128);
  }
}

export const v128 = {
  load: load([0xfd, 0x00], 2) as Load,
  store: store([0xfd, 0x0b], 2) as Store,
  const: (words: readonly number[]): Code => [0xfd, 0x0c, ...new Uint8Array(Int32Array.from(words).buffer)],
  not: simd(0x4d) as Unary,
  and: simd(0x4e) as Binary,
  /** a and not b. */
  andNot: simd(0x4f) as Binary,
  or: simd(0x50) as Binary,
  xor: simd(0x51) as Binary,
  /** Bits of a where the mask has ones, of b elsewhere. */
  bitselect: simd(0x52) as (a: Value, b: Value, mask: Value) => Code,
  anyTrue: simd(0x53) as Unary,
  /** Stores the first two of four lanes of 32 bits (or one of two of 64). */
  storeHalf: oneLane(0x5b, 2) as OneLane,
  /** A vector with one of its sixteen bytes loaded; the others are the value's. */
  loadByte: oneLane(0x54, 0) as OneLane,
  storeByte: oneLane(0x58, 0) as OneLane,
  /** Stores one of eight pairs of bytes. */
  storeTwoBytes: oneLane(0x59, 0) as OneLane,
  /** Four lanes of 32 bits from two vectors; lanes 0 to 3 are a's, 4 to 7 b's. */
  shuffle: (a: Value, b: Value, lanes: readonly [number, number, number, number]): Code =>
    join([a, b], [0xfd, 0x0d, ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))]),
};

/** Four bytes at an address as four int32 from 0 to 255. */
export function loadBytes(address: Value, offset = 0): Code {
  const bytes = join([address], [0xfd, 0x5c, ...memory(0, offset)]);
  return i32x4.extendLowU16(join([bytes], [0xfd, ...unsigned(0x89)]));
}

/** a where the condition is not 0, otherwise b; both are computed. Not for vectors of another type than a's. */
export function select(a: Value, b: Value, condition: Value): Code {
  return join([a, b, condition], [0x1b]);
}

const [BLOCK, LOOP, IF, ELSE, END, BRANCH, BRANCH_IF, CALL, NO_RESULT] = [
  0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x10, 0x40,
];

/** Runs `body`, then again for as long as `condition` behind it is not 0. */
export function repeatWhile(body: Code, condition: Value): Code {
  return join([[LOOP, NO_RESULT], body, condition], [BRANCH_IF, 0, END]);
}

/** Runs `body` for as long as `condition` before it is not 0. */
export function whileLoop(condition: Value, body: Code): Code {
  const head = [BLOCK, NO_RESULT, LOOP, NO_RESULT];
  return join([head, i32.eqz(condition), [BRANCH_IF, 1], body], [BRANCH, 0, END, END]);
}

/** Runs `then` where the condition is not 0, `otherwise` where it is. */
export function ifElse(condition: Value, then: Code, otherwise: Code = []): Code {
  const second = otherwise.length > 0 ? join([[ELSE], otherwise], []) : [];
  return join([condition, [IF, NO_RESULT], then, second], [END]);
}

/** Calls function number `index` of the module. */
export function callFunction(index: number, args: readonly Value[]): Code {
  return join(args, [CALL, ...unsigned(index)]);
}

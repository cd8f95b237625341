/**
 * WebAssembly instructions as functions that give their bytes. An instruction is written with its operands inside, as
 * an expression: `f32x4.add(load(p), x.get)` is the bytes of the load, of x, then of the addition, in the order in
 * which a stack machine wants them. Numbers of the binary format: https://webassembly.github.io/spec/core/binary/.
 */

/** The bytes of some instructions. */
export type Code = readonly number[];

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

function plain(opcode: number, ...operands: Code[]): Code {
  return [...operands.flat(), opcode];
}

/** SIMD instructions share the prefix 0xfd. */
function simd(opcode: number, ...operands: Code[]): Code {
  return [...operands.flat(), 0xfd, ...unsigned(opcode)];
}

/** Alignment 4 bytes (2²), then the constant added to the address. */
function memory(offset: number): Code {
  return [2, ...unsigned(offset)];
}

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: (a: Code, b: Code): Code => plain(0x6a, a, b),
  sub: (a: Code, b: Code): Code => plain(0x6b, a, b),
  shl: (a: Code, b: Code): Code => plain(0x74, a, b),
  /** One byte, from 0 to 255. */
  load8: (address: Code): Code => [...address, 0x2d, 0, 0],
  /** Unsigned, as addresses are. */
  lessThan: (a: Code, b: Code): Code => plain(0x49, a, b),
};

export const f32 = {
  load: (address: Code, offset = 0): Code => [...address, 0x2a, ...memory(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x38, ...memory(offset)],
  const: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  convert: (integer: Code): Code => plain(0xb3, integer),
};

/** A vector of four float32. Comparisons give lanes of all ones or all zeros. */
export const f32x4 = {
  load: (address: Code, offset = 0): Code => [...address, 0xfd, 0x00, ...memory(offset)],
  /** Loads one number into all four lanes. */
  loadSplat: (address: Code, offset = 0): Code => [...address, 0xfd, 0x09, ...memory(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    0xfd,
    0x0b,
    ...memory(offset),
  ],
  splat: (a: Code): Code => simd(0x13, a),
  equal: (a: Code, b: Code): Code => simd(0x41, a, b),
  notEqual: (a: Code, b: Code): Code => simd(0x42, a, b),
  lessThan: (a: Code, b: Code): Code => simd(0x43, a, b),
  lessEqual: (a: Code, b: Code): Code => simd(0x45, a, b),
  abs: (a: Code): Code => simd(0xe0, a),
  neg: (a: Code): Code => simd(0xe1, a),
  sqrt: (a: Code): Code => simd(0xe3, a),
  add: (a: Code, b: Code): Code => simd(0xe4, a, b),
  sub: (a: Code, b: Code): Code => simd(0xe5, a, b),
  mul: (a: Code, b: Code): Code => simd(0xe6, a, b),
  div: (a: Code, b: Code): Code => simd(0xe7, a, b),
  /** NaN wins, as in Math.min and Math.max. */
  min: (a: Code, b: Code): Code => simd(0xe8, a, b),
  max: (a: Code, b: Code): Code => simd(0xe9, a, b),
  /** Rounded to the nearest whole number, halves to the even one. */
  nearest: (a: Code): Code => simd(0x6a, a),
};

/** A vector of four int32. */
export const i32x4 = {
  splat: (a: Code): Code => simd(0x11, a),
  add: (a: Code, b: Code): Code => simd(0xae, a, b),
  sub: (a: Code, b: Code): Code => simd(0xb1, a, b),
  shiftLeft: (a: Code, count: Code): Code => simd(0xab, a, count),
  /** Keeps the sign. */
  shiftRight: (a: Code, count: Code): Code => simd(0xac, a, count),
  /** Float32 cut towards zero; NaN gives 0. */
  truncate: (a: Code): Code => simd(0xf8, a),
};

export const v128 = {
  and: (a: Code, b: Code): Code => simd(0x4e, a, b),
  or: (a: Code, b: Code): Code => simd(0x50, a, b),
  /** Bits of a where the mask has ones, of b elsewhere. */
  bitselect: (a: Code, b: Code, mask: Code): Code => simd(0x52, a, b, mask),
};

/** a where the condition is not 0, otherwise b; both are computed. */
export function select(a: Code, b: Code, condition: Code): Code {
  return plain(0x1b, a, b, condition);
}

/** Runs `body`, then again for as long as `condition` (an i32 behind it) is not 0. */
export function repeatWhile(body: Code, condition: Code): Code {
  const [loop, noResult, branchIf, end] = [0x03, 0x40, 0x0d, 0x0b];
  return [loop, noResult, ...body, ...condition, branchIf, 0, end];
}

/**
 * GPU kernels as text. A kernel is GLSL that computes one texel of its result, four neighbouring numbers; gpu.js compiles
 * it as a native function and runs it once for every texel. Its own translation of JavaScript is not used: reading an
 * element there costs an integer division, and four numbers at once cannot be worked with.
 *
 * All buffers lie alike: element e is channel e mod 4 of texel ⌊e / 4⌋, texel t stands in column t mod 1024 of row
 * ⌊t / 1024⌋. A kernel therefore knows nothing of how large its textures are, and one source serves any number of rows.
 *
 * Sources are strings and stay strings: what is compiled, bundled or minified cannot change them. Indices are floats, for
 * WebGL 1 has no others that are exact: whole numbers up to 2²⁴.
 */
import type { DType, TypedArray } from '../contract.ts';

/** More elements than this cannot be counted in float32. */
export const MOST_ELEMENTS: number = 2 ** 24;

/**
 * Rounds of all its loops together that a kernel may take for one texel: a driver in software ends them in silence after
 * 65,535. Work that would take more is cut up, or left to the host.
 */
export const MOST_ROUNDS: number = 60_000;

/** A handle to numbers that stand on the GPU, on the host, or on both. */
export interface GpuBuffer {
  readonly dtype: DType;
  readonly length: number;
}

export interface GpuSource {
  /**
   * The textures that are read, by the names that the source uses for them. For a texture `x` there are
   * `vec4 x_texel(float t)`, texel t, and `float x_at(float e)`, element e. At most 8.
   */
  readonly textures: readonly string[];
  /** The numbers that change from call to call: `count` is read as `n_count`. NaN and infinities may be among them. */
  readonly numbers: readonly string[];
  /** GLSL that defines `vec4 texel(float t)`: elements 4 t … 4 t + 3 of the result. See prelude.ts for what is there. */
  readonly code: string;
}

export interface GpuKernel {
  /** Kernels with the same key are the same. */
  readonly key: string;
  readonly source: () => GpuSource;
}

/** What kernels run on. */
export interface GpuMachine {
  /**
   * Runs a kernel for every texel of `out`, whose contents are replaced. `out` may be among the inputs: it is read
   * as it was. int32 and bool buffers are read as floats; see `isExact`.
   */
  run(kernel: GpuKernel, inputs: readonly GpuBuffer[], numbers: readonly number[], out: GpuBuffer): void;
  /** A float32 buffer for what is needed on the way; give it back with `release` as soon as the last reader has run. */
  scratch(length: number): GpuBuffer;
  release(scratch: GpuBuffer): void;
  /** `to` takes over the contents of a scratch buffer of its length, which must not be used any more. */
  move(scratch: GpuBuffer, to: GpuBuffer): void;
  /**
   * The numbers of a buffer on the host, not to be changed. Free for what was uploaded as int32 or bool; what only the
   * GPU has is read back, which waits for all that was launched.
   */
  host(buffer: GpuBuffer): TypedArray;
  /** Makes these the numbers of a buffer, which keeps the array. */
  write(buffer: GpuBuffer, numbers: TypedArray): void;
  /** Whether a buffer's numbers are the same as floats: all are, but for int32 beyond ±2²⁴. */
  isExact(buffer: GpuBuffer): boolean;
}

/**
 * A family of kernels: one source for each choice of parameters, which is all that it may depend on. What changes from
 * call to call (offsets, counts of rows, scales) belongs into numbers instead: every choice of parameters is compiled.
 */
export function kernelFamily<P extends readonly unknown[]>(
  name: string,
  source: (...parameters: P) => GpuSource,
): (...parameters: P) => GpuKernel {
  return (...parameters) => ({
    key: `${name} ${JSON.stringify(parameters)}`,
    source: () => source(...parameters),
  });
}

/** GLSL for `texel` from `float name(float e)`, which computes one element: where neighbours have nothing in common. */
export function texelFromElements(name: string): string {
  const lanes = ['0.0', '1.0', '2.0', '3.0'].map((lane) => `${name}(4.0 * t + ${lane})`);
  return `vec4 texel(float t) { return vec4(${lanes.join(', ')}); }`;
}

/**
 * A number as GLSL reads it. Some compilers print it once more on the way, and lose its last bit: what must be exact is
 * handed over as a number.
 *
 * @throws Error for NaN and infinities, which GLSL cannot write down
 */
export function literal(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded))
    throw new Error(`GLSL has no literal for ${value}: hand it over as a number`);
  const text = String(rounded).replace('e+', 'e');
  const plain = /[.e]/.test(text) ? text : `${text}.0`;
  return rounded < 0 ? `(${plain})` : Object.is(rounded, -0) ? '(-0.0)' : plain;
}

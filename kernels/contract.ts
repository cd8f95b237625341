/**
 * The kernel contract: everything a device must be able to do, and nothing else.
 *
 * A kernel sees numbers through a `View`: a buffer handle, a shape, strides and an offset, both counted in elements.
 * What a handle is, only the device knows: a typed array (reference), an offset in a WebAssembly memory, a texture.
 * Kernels never allocate what they return: the caller hands over `out` views, which are contiguous, start at offset 0
 * and fill their buffer, so that a device which can only produce whole new buffers (a texture from gpu.js) may put
 * its result behind the handle. No kernel reads a result back; none is asynchronous for its caller.
 *
 * An entry marked "any strides" must accept transposed, sliced and expanded inputs; the others get contiguous ones.
 */
import type { Program } from './pointwise/program.ts';

export type DType = 'float32' | 'float64' | 'int32' | 'bool';

/** A typed array as it comes from and goes to the user; bool is stored as 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface View<B> {
  readonly buffer: B;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

export type Reduction = 'sum' | 'prod' | 'max' | 'min';

/** Which keys a query may read: its own batch row, up to its own position. See `attention`. */
export interface AttentionMask<B> {
  readonly causal: boolean;
  /** (Bq, Tq) int32: the key position each query stands at; −1 marks a padding row, whose output is 0. Default: 0…Tq−1. */
  readonly positions: View<B> | null;
  /** (Bq) int32: the batch row of keys and values each query row reads. Default: its own. */
  readonly batch: View<B> | null;
}

export interface Kernels<B> {
  /** out[i] = program(inputs…[i], parameters). Inputs: any strides (0 = broadcast), all of out's shape. */
  pointwise(program: Program, inputs: readonly View<B>[], parameters: readonly number[], out: View<B>): void;
  /**
   * targets[k][i] = result k of program(inputs…[i], parameters): what an optimizer does, in place. Inputs may be targets;
   * all are float32 or all float64, contiguous and of one shape. The one kernel beside `copyInto` that writes into buffers
   * in use.
   */
  update(
    program: Program,
    inputs: readonly View<B>[],
    parameters: readonly number[],
    targets: readonly View<B>[],
  ): void;

  /** Reduces `axes` of x (any strides); out keeps the reduced axes with size 1. The empty sum is 0, product 1. */
  reduce(kind: Reduction, x: View<B>, axes: readonly number[], out: View<B>): void;
  /** out (int32): index of the first largest / smallest element along the last axis of x (…, N); NaN wins. */
  argReduce(kind: 'max' | 'min', x: View<B>, out: View<B>): void;
  /** Running sum or product along the last axis. */
  scan(kind: 'sum' | 'prod', x: View<B>, out: View<B>): void;
  /** Stable sort along the last axis: values and where they stood (int32). NaN counts as largest. */
  sort(x: View<B>, descending: boolean, values: View<B>, indices: View<B>): void;

  /** out (…, M, N) = a (…, M, K) · b (…, K, N) + bias (N); any strides, equal batch shapes (0 strides broadcast). */
  matmul(a: View<B>, b: View<B>, bias: View<B> | null, out: View<B>): void;

  /** Softmax, or its logarithm, along the last axis. A row of −∞ alone gives NaN, as in PyTorch. */
  softmax(x: View<B>, log: boolean, out: View<B>): void;
  /** Gradient of `softmax` from its output y. */
  softmaxBackward(g: View<B>, y: View<B>, log: boolean, out: View<B>): void;

  /** out = (x − mean) / √(variance + ε) · weight + bias over the last axis. */
  layerNorm(x: View<B>, weight: View<B>, bias: View<B>, epsilon: number, out: View<B>): void;
  layerNormBackward(
    g: View<B>,
    x: View<B>,
    weight: View<B>,
    epsilon: number,
    dx: View<B>,
    dWeight: View<B>,
    dBias: View<B>,
  ): void;

  /** Mean negative log-likelihood of logits (N, V) at targets (N); targets equal to ignoreIndex do not count. */
  crossEntropy(logits: View<B>, targets: View<B>, ignoreIndex: number, out: View<B>): void;
  /** g is the scalar gradient of the mean. */
  crossEntropyBackward(
    g: View<B>,
    logits: View<B>,
    targets: View<B>,
    ignoreIndex: number,
    out: View<B>,
  ): void;

  /**
   * Scaled dot-product attention. query (Bq, H, Tq, D), key and value (Bk, H, Tk, D), any strides; out (Bq, H, Tq, D).
   * The backward computes the weights again: memory stays linear in Tk.
   */
  attention(
    query: View<B>,
    key: View<B>,
    value: View<B>,
    mask: AttentionMask<B>,
    scale: number,
    out: View<B>,
  ): void;
  attentionBackward(
    g: View<B>,
    query: View<B>,
    key: View<B>,
    value: View<B>,
    mask: AttentionMask<B>,
    scale: number,
    output: View<B>,
    dQuery: View<B>,
    dKey: View<B>,
    dValue: View<B>,
  ): void;

  /** out (N, D): row i is x[index[i]] of x (R, D); a negative index gives a row of zeros. */
  gatherRows(x: View<B>, index: View<B>, out: View<B>): void;
  /** out (R, D): base with row index[i] replaced by rows[i]; negative indices are passed over; the last one wins. */
  scatterRows(base: View<B>, index: View<B>, rows: View<B>, out: View<B>): void;
  /** out (R, D): sums of the rows (N, D) sent to each index, in the order of N; negative indices are passed over. */
  scatterAddRows(index: View<B>, rows: View<B>, out: View<B>): void;
  /** out[i, j] = x[i, index[i, j]] along the last axis: x (R, D), index and out (R, K). */
  gather(x: View<B>, index: View<B>, out: View<B>): void;
  /** out (R, D) = x with source[i, j] added at index[i, j]; x (R, D), index and source (R, K). */
  scatterAdd(x: View<B>, index: View<B>, source: View<B>, out: View<B>): void;

  /**
   * Fills out (float32 or float64) with standard Gumbel noise. Element i comes of words position + 2 i and
   * position + 2 i + 1 of the stream that the key's two 32-bit words name; every device gives the same bits.
   */
  gumbel(key0: number, key1: number, position: number, out: View<B>): void;

  /** The one kernel that writes into part of a buffer: contiguous `source` into `target` (any strides). */
  copyInto(source: View<B>, target: View<B>): void;
}

/**
 * Attention in GLSL: scores, their softmax and weighted sums are steps of their own (gpu-kernels.ts), taken for one block
 * of query rows after the other, so that memory stays linear in Tk. How many rows and keys there are is told in numbers:
 * neither a cache that fills up nor another count of active rows compiles anything.
 *
 * With p = softmax(s): dv = pᵀ g, ds = p · (g · (v − out)), dq = scale · ds k, dk = scale · dsᵀ q.
 *
 * Errors: a score is off by d + 4 roundings of |scale| |q| |k|, a weight by twice that and 16 roundings. A sum of n terms is
 * off by 260 + n / 64 roundings of the sum of their sizes.
 */
import type { AttentionMask, Kernels, View } from '../contract.ts';
import { type GpuBuffer, type GpuKernel, type GpuMachine, MOST_ROUNDS } from '../glsl/kernel.ts';
import { contiguousStrides, sizeOf } from '../strides.ts';
import {
  collectKernel,
  mixKernel,
  packKernel,
  scoresKernel,
  slopesKernel,
  statisticsKernel,
  unpackKernel,
  weightsKernel,
} from './gpu-kernels.ts';
import { keyTable, orderOf, type Readers, readersOf, rowTable, slotsOf } from './gpu-table.ts';

/** Scores that are kept at once, unless a single row has more. */
const MOST_SCORES = 2 ** 22;

type AttentionKernels = Pick<Kernels<GpuBuffer>, 'attention' | 'attentionBackward'>;

/** @param otherwise for more keys than a texel may walk along */
export function gpuAttention(machine: GpuMachine, otherwise: AttentionKernels): AttentionKernels {
  return {
    attention: (query, key, value, mask, scale, out) => {
      if (isTooLong(query, key, mask)) return otherwise.attention(query, key, value, mask, scale, out);
      const readers = readersOf(machine, query, key, mask);
      if (readers.rows === 0) return clear(machine, out);
      const call = new Call(machine, readers, query, key, value, !standsInTexels(query));
      const { width, v, rows, slots, weights } = call;
      const mixed = call.result(out);
      for (const block of call.blocks(scale)) {
        mixed.add(mixKernel(width, 'value'), [weights, v.buffer, rows, slots], [...block, stepOf(v)]);
      }
      mixed.finish();
      call.finish();
    },
    attentionBackward: (g, query, key, value, mask, scale, output, ...gradients) => {
      if (isTooLong(query, key, mask)) {
        return otherwise.attentionBackward(g, query, key, value, mask, scale, output, ...gradients);
      }
      const readers = readersOf(machine, query, key, mask);
      if (readers.rows === 0) return clear(machine, ...gradients);
      const call = new Call(machine, readers, query, key, value, true);
      const { width, q, k, v, rows, slots, weights } = call;
      const [gradient, outputs] = [call.inOrder(g), call.inOrder(output)];
      const keys = call.upload(keyTable(readers));
      const slopes = call.scratch(weights.length);
      const [dq, dk, dv] = gradients.map((view) => call.result(view));
      for (const block of call.blocks(scale)) {
        const [first, , pitch] = block;
        const operands = [weights, gradient, outputs, v.buffer, rows];
        machine.run(slopesKernel(width), operands, [first, pitch, stepOf(v), scale], slopes);
        dq.add(mixKernel(width, 'key'), [slopes, k.buffer, rows, slots], [...block, stepOf(k)]);
        dk.add(collectKernel(width), [slopes, q, keys], block);
        dv.add(collectKernel(width), [weights, gradient, keys], block);
      }
      for (const result of [dq, dk, dv]) result.finish();
      call.finish();
    },
  };
}

/** Whether a key may have more readers, or a reader more keys, than one texel may walk along. */
function isTooLong(
  query: View<GpuBuffer>,
  key: View<GpuBuffer>,
  { batch }: AttentionMask<GpuBuffer>,
): boolean {
  const readers = query.shape[2] * (batch ? query.shape[0] : 1);
  return Math.max(readers, key.shape[2]) > MOST_ROUNDS;
}

function clear(machine: GpuMachine, ...results: readonly View<GpuBuffer>[]): void {
  for (const { buffer } of results) machine.write(buffer, new Float32Array(buffer.length));
}

/** Whether all rows of a view are whole texels. */
function standsInTexels({ shape, strides, offset }: View<GpuBuffer>): boolean {
  const steps = strides.slice(0, -1).filter((_, axis) => shape[axis] > 1);
  return strides[3] === 1 && [shape[3], offset, ...steps].every((number) => number % 4 === 0);
}

/** From one token to the next, in texels. */
function stepOf(view: View<GpuBuffer>): number {
  return view.strides[2] / 4;
}

/** A block of rows, and the texels of a row of scores. */
type Block = readonly [first: number, count: number, pitch: number];

/** What both directions need, in scratch that is given back at the end. */
class Call {
  /** Texels of a row. */
  readonly width: number;
  /** The query, as it is or in the order of rows; keys and values in texels. */
  readonly q: GpuBuffer;
  readonly k: View<GpuBuffer>;
  readonly v: View<GpuBuffer>;
  /** The tables of gpu-table.ts. */
  readonly rows: GpuBuffer;
  readonly slots: GpuBuffer;
  /** Of one block after the other. */
  readonly weights: GpuBuffer;
  readonly #machine: GpuMachine;
  readonly #readers: Readers;
  readonly #order: GpuBuffer;
  readonly #statistics: GpuBuffer;
  readonly #blocks: readonly Block[];
  readonly #taken: GpuBuffer[] = [];

  constructor(
    machine: GpuMachine,
    readers: Readers,
    query: View<GpuBuffer>,
    key: View<GpuBuffer>,
    value: View<GpuBuffer>,
    inOrder: boolean,
  ) {
    this.#machine = machine;
    this.#readers = readers;
    this.width = Math.ceil(query.shape[3] / 4);
    const order = orderOf(readers);
    this.#order = this.upload(order);
    this.slots = this.upload(slotsOf(order, sizeOf(query.shape.slice(0, 3))));
    this.q = inOrder ? this.inOrder(query) : query.buffer;
    [this.k, this.v] = [key, value].map((view) => this.#inTexels(view));

    const pitch = Math.ceil(readers.keys / 4);
    const most = Math.max(1, Math.floor(MOST_SCORES / (4 * pitch)));
    const blocks = Math.ceil(readers.rows / most);
    const count = Math.ceil(readers.rows / blocks);
    this.#blocks = Array.from({ length: blocks }, (_, i) => [i * count, count, pitch]);
    this.rows = this.upload(rowTable(readers, inOrder ? this.width : query, this.k, this.v, blocks * count));
    this.weights = this.scratch(4 * pitch * count);
    this.#statistics = this.scratch(4 * count);
  }

  /** Fills `weights` for one block after the other. */
  *blocks(scale: number): Generator<Block> {
    const { q, k, rows, weights } = this;
    for (const block of this.#blocks) {
      const [first, , pitch] = block;
      const machine = this.#machine;
      machine.run(scoresKernel(this.width), [q, k.buffer, rows], [first, pitch, stepOf(k), scale], weights);
      machine.run(statisticsKernel(), [weights, rows], [first, pitch], this.#statistics);
      machine.run(weightsKernel(), [weights, this.#statistics, rows], [first, pitch], weights);
      yield block;
    }
  }

  scratch(length: number): GpuBuffer {
    const buffer = this.#machine.scratch(length);
    this.#taken.push(buffer);
    return buffer;
  }

  upload(numbers: Float32Array): GpuBuffer {
    const buffer = this.scratch(numbers.length);
    this.#machine.write(buffer, numbers);
    return buffer;
  }

  /** A view of the query's shape in the order of rows, without padding. */
  inOrder(view: View<GpuBuffer>): GpuBuffer {
    return this.#pack(view, this.#readers.rows, [this.#order]);
  }

  /** Where a kernel's results go, block for block. */
  result(out: View<GpuBuffer>): Result {
    const length = 4 * this.width * sizeOf(out.shape.slice(0, 3));
    return new Result(this.#machine, out, out.shape[3] % 4 === 0 ? out.buffer : this.scratch(length));
  }

  finish(): void {
    for (const buffer of this.#taken) this.#machine.release(buffer);
  }

  #inTexels(view: View<GpuBuffer>): View<GpuBuffer> {
    if (standsInTexels(view)) return view;
    const shape = [...view.shape.slice(0, 3), 4 * this.width];
    const buffer = this.#pack(view, sizeOf(view.shape.slice(0, 3)), []);
    return { buffer, dtype: view.dtype, shape, strides: contiguousStrides(shape), offset: 0 };
  }

  #pack(
    { buffer, shape, strides, offset }: View<GpuBuffer>,
    rows: number,
    order: readonly GpuBuffer[],
  ): GpuBuffer {
    const packed = this.scratch(4 * this.width * rows);
    const numbers = [offset, ...strides, shape[1], shape[2]];
    this.#machine.run(packKernel(shape[3], order.length > 0), [buffer, ...order], numbers, packed);
    return packed;
  }
}

/** A result that kernels add to block after block; its rows are whole texels until the end. */
class Result {
  readonly #machine: GpuMachine;
  readonly #out: View<GpuBuffer>;
  readonly #texels: GpuBuffer;
  #begun = false;

  constructor(machine: GpuMachine, out: View<GpuBuffer>, texels: GpuBuffer) {
    this.#machine = machine;
    this.#out = out;
    this.#texels = texels;
  }

  /** The kernel's last input is what stands there so far; in the first block anything. */
  add(kernel: GpuKernel, inputs: readonly GpuBuffer[], numbers: readonly number[]): void {
    const before = this.#begun ? this.#texels : inputs[0];
    this.#machine.run(kernel, [...inputs, before], numbers, this.#texels);
    this.#begun = true;
  }

  finish(): void {
    const { buffer, shape } = this.#out;
    if (buffer !== this.#texels) this.#machine.run(unpackKernel(shape[3]), [this.#texels], [], buffer);
  }
}

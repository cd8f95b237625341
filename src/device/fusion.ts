/**
 * The one mechanism by which chains of pointwise ops become a single kernel. A pointwise op does not run: it leaves its
 * expression pending on its result. The next pointwise op that reads the whole result absorbs the expression into its
 * own; anything else that needs the numbers makes it run. The second reader of a pending result computes it for good.
 * A chain whose every link is read later is thus computed again for each of them, within the bounds below.
 *
 * Inside a program float32 values are not rounded between steps, on devices that compute in float64.
 */
import type { View } from '../../kernels/contract.ts';
import {
  type Expression,
  input,
  nodeCount,
  parameter,
  substitute,
} from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import { broadcastStrides, contiguousStrides, sameShape } from '../../kernels/strides.ts';
import type { Buffer, Device, DType } from './device.ts';
import { countFlops } from './flops.ts';
import type { SharedBuffer } from './shared-buffer.ts';

/** Longer programs or more inputs than this are run before they are read on: some devices have limits. */
const MAX_NODES = 48;
const MAX_INPUTS = 7;

/** What fusion needs to know of a storage. */
export interface Source {
  readonly dtype: DType;
  readonly pending: Pending | null;
  /** The buffer, computed first if it is pending. */
  readonly contents: SharedBuffer;
}

/** An expression waiting for its result to be needed. */
export interface Pending {
  readonly expression: Expression;
  readonly views: readonly View<Buffer>[];
  /** The buffers behind the views, co-owned until the expression has run or is given up. */
  readonly sources: readonly SharedBuffer[];
  readonly parameters: readonly number[];
  /** The result's shape. */
  readonly shape: readonly number[];
  absorbed: boolean;
}

/** One operand of a pointwise op: a storage seen through shape, strides and offset. */
export interface Operand {
  readonly storage: Source;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** Whether the operand is its whole storage in reading order. */
  readonly isWhole: boolean;
}

/** A pending result: absorbs the operands that are themselves pending and may be absorbed. */
export function fuse(
  expression: Expression,
  operands: readonly Operand[],
  parameters: readonly number[],
  shape: readonly number[],
  dtype: DType,
): Pending {
  const views: View<Buffer>[] = [];
  const sources: SharedBuffer[] = [];
  let fused = expression;
  let numbers = parameters;
  let nodes = nodeCount(expression);
  let inputs = operands.length;
  for (const operand of operands) {
    const { storage } = operand;
    const { pending } = storage;
    if (
      pending &&
      nodes + nodeCount(pending.expression) <= MAX_NODES &&
      inputs + pending.views.length - 1 <= MAX_INPUTS &&
      mayAbsorb(pending, operand, shape, dtype) &&
      isReadOnce(storage, operands)
    ) {
      pending.absorbed = true;
      fused = absorb(fused, views.length, pending, numbers.length);
      nodes += nodeCount(pending.expression);
      inputs += pending.views.length - 1;
      for (const view of pending.views) views.push(view);
      for (const source of pending.sources) sources.push(source);
      if (pending.parameters.length > 0) numbers = numbers.concat(pending.parameters);
    } else {
      const { contents } = storage;
      const strides = broadcastStrides(operand.shape, operand.strides, shape);
      views.push({ buffer: contents.buffer, dtype: storage.dtype, shape, strides, offset: operand.offset });
      sources.push(contents);
    }
  }
  for (const source of sources) source.share();
  return { expression: fused, views, sources, parameters: numbers, shape, absorbed: false };
}

function mayAbsorb(
  pending: Pending,
  { storage, shape: own, isWhole }: Operand,
  shape: readonly number[],
  dtype: DType,
): boolean {
  if (pending.absorbed || !isWhole) return false;
  // A reshaped or transposed result has its numbers in order too, but its program's inputs run along other axes.
  if (!sameShape(own, shape) || !sameShape(pending.shape, shape)) return false;
  // Integers wrap around, and another type would skip a conversion; a truth value has nothing to lose.
  return storage.dtype === 'bool' || (storage.dtype === dtype && dtype !== 'int32');
}

function isReadOnce(storage: Source, operands: readonly Operand[]): boolean {
  let times = 0;
  for (const operand of operands) if (operand.storage === storage) times++;
  return times === 1;
}

const absorptions = new Map<Expression, Map<number, Expression>>();

/**
 * The expression with a pending one in place of one of its inputs. The inputs of the pending one take numbers from that
 * input's own on, and those behind it move up; its parameters come after the `parameters` there are.
 */
function absorb(expression: Expression, place: number, pending: Pending, parameters: number): Expression {
  const width = pending.views.length;
  let known = absorptions.get(expression);
  if (!known) {
    known = new Map();
    absorptions.set(expression, known);
  }
  // One number for all that the result depends on; far more nodes than 2 ** 32 would not fit into memory.
  const key = ((pending.expression.id * 8 + place) * 8 + width) * 1024 + parameters;
  let result = known.get(key);
  if (!result) {
    const inner = substitute(pending.expression, (leaf) => {
      if (leaf.fn === 'input') return input(leaf.value + place);
      return leaf.fn === 'parameter' ? parameter(leaf.value + parameters) : leaf;
    });
    result = substitute(expression, (leaf) => {
      if (leaf.fn !== 'input' || leaf.value < place) return leaf;
      return leaf.value === place ? inner : input(leaf.value + width - 1);
    });
    known.set(key, result);
  }
  return result;
}

/** Runs a pending expression. */
export function run(device: Device, dtype: DType, length: number, pending: Pending): Buffer {
  const { expression, views, parameters, shape } = pending;
  const buffer = device.allocate(dtype, length);
  if (length === 0) return buffer;
  const program = compile(expression, views.length, parameters.length);
  const strides = contiguousStrides(shape);
  device.kernels.pointwise(program, views, parameters, { buffer, dtype, shape, strides, offset: 0 });
  countFlops(program.flops * length);
  return buffer;
}

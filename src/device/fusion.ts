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
import { contiguousStrides } from '../../kernels/strides.ts';
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

/** One operand of a pointwise op: a storage seen through shape, strides and offset (0 strides where it broadcasts). */
export interface Operand {
  readonly storage: Source;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** Whether the operand is its whole storage in reading order, of the result's own shape. */
  readonly whole: boolean;
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
  const allParameters = [...parameters];
  const replacements: Replacement[] = [];
  let nodes = nodeCount(expression);
  let inputs = operands.length;
  for (const operand of operands) {
    const once = operands.filter(({ storage }) => storage === operand.storage).length === 1;
    const pending = once ? absorbable(operand, dtype, nodes, inputs) : null;
    if (pending) {
      pending.absorbed = true;
      const absorbed = shifted(pending.expression, views.length, allParameters.length);
      replacements.push({ expression: absorbed, width: pending.views.length });
      views.push(...pending.views);
      sources.push(...pending.sources);
      allParameters.push(...pending.parameters);
      nodes += nodeCount(pending.expression);
      inputs += pending.views.length - 1;
    } else {
      replacements.push({ expression: null, width: 1 });
      const { storage, strides, offset } = operand;
      const { contents } = storage;
      views.push({ buffer: contents.buffer, dtype: storage.dtype, shape: operand.shape, strides, offset });
      sources.push(contents);
    }
  }
  for (const source of sources) source.share();
  const fused = renumber(expression, replacements);
  return { expression: fused, views, sources, parameters: allParameters, shape, absorbed: false };
}

function absorbable(operand: Operand, dtype: DType, nodes: number, inputs: number): Pending | null {
  const pending = operand.storage.pending;
  if (!pending || pending.absorbed || !operand.whole) return null;
  // A reshaped or transposed result has its numbers in order too, but its program's inputs run along other axes.
  if (!sameExtents(pending.shape, operand.shape)) return null;
  // Integers wrap around, and another type would skip a conversion; a truth value has nothing to lose.
  const own = operand.storage.dtype;
  if (own !== 'bool' && (own !== dtype || own === 'int32')) return null;
  const fits =
    nodes + nodeCount(pending.expression) <= MAX_NODES && inputs + pending.views.length - 1 <= MAX_INPUTS;
  return fits ? pending : null;
}

function sameExtents(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

const rewritten = new Map<string, Expression>();

/** The expression with its inputs and parameters numbered from the given starts. */
function shifted(expression: Expression, firstInput: number, firstParameter: number): Expression {
  const key = `${expression.id}+${firstInput}+${firstParameter}`;
  let result = rewritten.get(key);
  if (!result) {
    result = substitute(expression, (leaf) => {
      if (leaf.fn === 'input') return input(leaf.value + firstInput);
      if (leaf.fn === 'parameter') return parameter(leaf.value + firstParameter);
      return leaf;
    });
    rewritten.set(key, result);
  }
  return result;
}

/** What stands in place of one operand: an absorbed expression with its own inputs, or the operand itself. */
interface Replacement {
  readonly expression: Expression | null;
  /** How many inputs it takes. */
  readonly width: number;
}

/** Puts the absorbed expressions in place of their inputs and numbers the other inputs in order. */
function renumber(expression: Expression, replacements: readonly Replacement[]): Expression {
  if (replacements.every((replacement) => replacement.expression === null)) return expression;
  const key = `${expression.id}|${replacements.map((r) => `${r.expression?.id ?? '_'}x${r.width}`).join('|')}`;
  let result = rewritten.get(key);
  if (!result) {
    const starts: number[] = [];
    let next = 0;
    for (const { width } of replacements) {
      starts.push(next);
      next += width;
    }
    result = substitute(expression, (leaf) =>
      leaf.fn === 'input' ? (replacements[leaf.value].expression ?? input(starts[leaf.value])) : leaf,
    );
    rewritten.set(key, result);
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

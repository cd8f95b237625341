/** Reading what make.py wrote, and comparing with it. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Kernels, View } from '../../kernels/contract.ts';
import { typedArray } from '../../src/device/device.ts';
import { type DType, fromTypedArray, gradients, Random, type Tensor } from '../../src/index.ts';
import { largest, leafOf, likeOf, numbersOf } from '../properties/derivatives.ts';
import { type AnyOp, isFloating, mapTensors } from '../properties/op-case.ts';
import { isPlainObject } from '../properties/paste.ts';

/** A tensor as it is written; what JSON lacks, NaN and the infinities, are strings. */
interface Written {
  dtype: DType;
  shape: number[];
  data: (number | string)[];
}

/** A call and what came of it, as in record.py. */
export interface Golden {
  op: string;
  case: string;
  args: unknown[];
  output: Tensor;
  /** With respect to every floating tensor among the arguments, in their order; absent where no gradient flows. */
  cotangent?: Tensor;
  gradients?: Tensor[];
  /** The gradients of Σ direction · gradient with respect to the same tensors and, last, to the cotangent. */
  direction?: Tensor[];
  second?: Tensor[];
}

/** What stands in a file of this folder, tensors as tensors. */
export function readGoldens<T>(file: string): T {
  return revive(JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))) as T;
}

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null) return undefined; // an argument left out
  if (!isPlainObject(value)) return value;
  if ('dtype' in value) return tensorOf(value as unknown as Written);
  if ('uniform' in value) return new Replayed(value.uniform as number[]);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revive(part)]));
}

function tensorOf({ dtype, shape, data }: Written): Tensor {
  const elements = typedArray(dtype, data.length);
  data.forEach((value, i) => {
    elements[i] = Number(value);
  });
  return fromTypedArray(elements, shape);
}

/** A generator that draws given numbers instead of its own: uniform ones, or Gumbel noise. */
export class Replayed extends Random {
  readonly #numbers: readonly number[];

  constructor(numbers: readonly number[]) {
    super(0);
    this.#numbers = numbers;
  }

  override fillUniform(array: Float32Array | Float64Array): void {
    expect(array.length).toBe(this.#numbers.length);
    array.set(this.#numbers);
  }

  override gumbelInto<B>(kernels: Kernels<B>, out: View<B>): void {
    const noise: unknown = fromTypedArray(Float64Array.from(this.#numbers), out.shape, { dtype: out.dtype });
    kernels.copyInto(noise as View<B>, out);
  }
}

/** What hopgrad makes of a golden's call; gradients only where PyTorch has them. */
export interface Replay {
  output: Tensor;
  gradients: Tensor[];
  /** The same from a backward pass that is itself recorded: a fused op goes through its composite there. */
  recorded: Tensor[];
  second: Tensor[];
}

export function replay(op: AnyOp, { args, cotangent, direction }: Golden): Replay {
  const drawn: Tensor[] = [];
  mapTensors(args, (x) => {
    if (isFloating(x)) drawn.push(x);
    return x;
  });
  const leaves = drawn.map(leafOf);
  const call = (): Tensor => op(...(mapTensors(args, (x) => leaves[drawn.indexOf(x)] ?? x) as never[]));
  const output = call();
  if (!cotangent) return { output, gradients: [], recorded: [], second: [] };
  const weights = leafOf(cotangent);
  const recorded = gradients(call(), leaves, { gradient: weights, createGraph: true });
  return {
    output,
    gradients: gradients(output, leaves, { gradient: cotangent }),
    recorded,
    second: direction ? gradientsAlong(recorded, direction, [...leaves, weights]) : [],
  };
}

/** The gradients of Σ direction · first; zeros where the first are constant. */
function gradientsAlong(
  first: readonly Tensor[],
  direction: readonly Tensor[],
  inputs: readonly Tensor[],
): Tensor[] {
  const along = first
    .map((gradient, i) => gradient.mul(direction[i]).sum())
    .reduce((total, part) => total.add(part));
  return along.requiresGrad ? gradients(along, inputs) : inputs.map((x) => likeOf(x, () => 0));
}

/** How a difference is measured. */
interface Scale {
  /** A tensor whose elements are smaller is compared as if it had an element of this size. Default 1. */
  least?: number;
}

/**
 * Expects shape, type and elements: |a − b| ≤ bound · max(1, ‖b‖∞) over the finite ones; NaN, infinities, and whatever
 * is not floating, exactly.
 */
export function expectNear(
  actual: Tensor,
  expected: Tensor,
  bound: number,
  what: string,
  scale?: Scale,
): void {
  expect({ shape: actual.shape, dtype: actual.dtype }, what).toEqual({
    shape: expected.shape,
    dtype: expected.dtype,
  });
  const problem = difference(actual, expected, bound, scale);
  if (problem !== null) expect.fail(`${what}: ${problem}`);
}

/** `expectNear` one by one; nothing is expected where PyTorch has nothing. */
export function expectAllNear(
  actual: readonly Tensor[],
  expected: readonly Tensor[] | undefined,
  bound: number,
  what: string,
): void {
  expect(actual, what).toHaveLength(expected?.length ?? 0);
  expected?.forEach((x, i) => {
    expectNear(actual[i], x, bound, `${what} ${i}`);
  });
}

/** The first element that is not near enough, in words; null where all are. */
export function difference(
  actual: Tensor,
  expected: Tensor,
  bound: number,
  { least = 1 }: Scale = {},
): string | null {
  const [a, b] = [numbersOf(actual), numbersOf(expected)];
  const scale = Math.max(least, largest(b.filter(Number.isFinite)));
  const near = (x: number, y: number): boolean =>
    x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= bound * scale;
  const odd = a.findIndex((x, i) => !near(x, b[i]));
  return odd < 0
    ? null
    : `element ${odd} is ${a[odd]}, PyTorch has ${b[odd]} (${Math.abs(a[odd] - b[odd])} apart)`;
}

/** What the page on tensors computes: views and where their elements lie, broadcasting axis by axis, gradients undone. */
import { fromTypedArray, gradients, type Nested, ones, Tensor, tensor } from 'hopgrad';
import { shapeText } from './numbers.ts';

/** What can still be drawn. */
const MOST_ELEMENTS = 96;
const MOST_AXES = 4;

/** A mistake of the reader's that the library never sees. */
export class PageError extends Error {}

/** How the numbers of a shape run: from `first` in steps of `step`. */
export interface Counting {
  first: number;
  step: number;
}

/**
 * A tensor from what a reader types: a shape such as `2, 3`, filled by counting, or values such as `[[1, 2], [3, 4]]`.
 *
 * @throws PageError, or the library's own error for lists that do not make a tensor
 */
export function readTensor(text: string, { first, step }: Counting): Tensor {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return requireSmall(tensor(readNested(trimmed)));
  const shape = readShape(trimmed);
  const size = shape.reduce((product, extent) => product * extent, 1);
  requireSmall({ shape, size });
  return counting(shape, { first, step });
}

function counting(shape: readonly number[], { first, step }: Counting): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return fromTypedArray(
    Float32Array.from({ length: size }, (_, i) => first + step * i),
    shape,
  );
}

function readShape(text: string): number[] {
  const inner = text.replace(/^\((.*)\)$/, '$1').trim();
  if (inner === '') return [];
  return inner.split(/\s*[,×x]\s*|\s+/).map((part) => {
    if (/^\d+$/.test(part)) return Number(part);
    throw new PageError(
      `“${part}” is no size of an axis. Write a shape such as 2, 3 or values such as [[1, 2], [3, 4]].`,
    );
  });
}

function readNested(text: string): Nested {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PageError('These brackets do not read as lists of numbers. An example: [[1, 2], [3, 4]].');
  }
  const check = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(check);
    else if (typeof part !== 'number')
      throw new PageError(`${JSON.stringify(part)} is no number; lists hold numbers or lists.`);
  };
  check(value);
  return value as Nested;
}

/** @throws PageError where a page would have no room to draw it */
function requireSmall<T extends { shape: readonly number[]; size: number }>(x: T): T {
  if (x.size <= MOST_ELEMENTS && x.shape.length <= MOST_AXES) return x;
  throw new PageError(
    `${shapeText(x.shape)} is more than this page draws: at most ${MOST_ELEMENTS} elements and ${MOST_AXES} axes.`,
  );
}

/** A call in a chain such as `transpose().slice(0, 1, 4)`. */
export interface Step {
  name: ViewName;
  args: (number | number[])[];
  text: string;
}

/** What a chain may call, and how: all of them methods of Tensor. */
export const viewOps = {
  transpose: 'transpose() or transpose(axis, axis)',
  permute: 'permute([axis, …])',
  slice: 'slice(axis, start, end, step)',
  select: 'select(axis, index)',
  reshape: 'reshape([size, …])',
  expand: 'expand([size, …])',
  unsqueeze: 'unsqueeze(axis)',
  squeeze: 'squeeze(axis)',
  flatten: 'flatten()',
  flip: 'flip(axis)',
  contiguous: 'contiguous()',
} as const;

export type ViewName = keyof typeof viewOps;

/** Reads a chain of calls, with or without dots between them. @throws PageError */
export function readSteps(text: string): Step[] {
  const steps: Step[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const call = /^\.?\s*([A-Za-z]+)\s*\(([^()]*)\)\s*/.exec(rest);
    if (!call) {
      throw new PageError(`“${rest}” is no call. A chain reads like transpose().slice(0, 1, 4).`);
    }
    const [whole, name, args] = call;
    if (!Object.hasOwn(viewOps, name)) {
      throw new PageError(`There is no ${name} here. Choose from ${Object.keys(viewOps).join(', ')}.`);
    }
    steps.push({ name: name as ViewName, args: readArguments(name, args), text: `${name}(${args.trim()})` });
    rest = rest.slice(whole.length);
  }
  return steps;
}

function readArguments(name: string, text: string): (number | number[])[] {
  let value: unknown;
  try {
    value = JSON.parse(`[${text}]`);
  } catch {
    value = null;
  }
  const isNumber = (part: unknown) => typeof part === 'number';
  if (Array.isArray(value) && value.every((a) => isNumber(a) || (Array.isArray(a) && a.every(isNumber))))
    return value;
  throw new PageError(`${name}(${text}): between the parentheses stand numbers, or lists such as [2, 3].`);
}

/** A tensor as it lies in memory. */
export interface Layout {
  /** The call that made it; `x` is what the chain starts from. */
  text: string;
  shape: readonly number[];
  strides: readonly number[];
  offset: number;
  isContiguous: boolean;
  /** Whether it reads the memory of the one before it; else its elements were copied. */
  isView: boolean;
  /** Which memory it reads: 0 is that of x, each copy begins another. */
  memory: number;
  /** Of every element in reading order: its value, and where in the memory it lies. */
  values: number[];
  positions: number[];
}

export interface Chain {
  layouts: Layout[];
  /** What each memory holds, from position 0. */
  memories: number[][];
  /** What the call after the last layout was refused with. */
  error: string;
}

/** The layouts of x and of every step; a step that the library refuses ends the chain with the library's words. */
export function runChain(x: Tensor, steps: readonly Step[]): Chain {
  let current = x.contiguous();
  const memories = [memoryOf(current)];
  const layouts = [layoutOf('x', current, true, 0)];
  for (const { name, args, text } of steps) {
    try {
      const method = current[name] as (...args: unknown[]) => Tensor;
      const next = requireSmall(method.apply(current, args));
      const isView = next.storage === current.storage;
      if (!isView) memories.push(memoryOf(next));
      layouts.push(layoutOf(text, next, isView, memories.length - 1));
      current = next;
    } catch (error) {
      return { layouts, memories, error: wordsOf(error) };
    }
  }
  return { layouts, memories, error: '' };
}

function layoutOf(text: string, x: Tensor, isView: boolean, memory: number): Layout {
  const { shape, strides, offset, isContiguous } = x;
  const positions = indicesOf(shape).map((index) => positionOf(index, strides, offset));
  return {
    text,
    shape,
    strides,
    offset,
    isContiguous,
    isView,
    memory,
    values: [...x.toTypedArray()],
    positions,
  };
}

/** Everything that the tensor's storage holds. */
function memoryOf(x: Tensor): number[] {
  return [...new Tensor(x.storage, [x.storage.length]).toTypedArray()];
}

/** offset + Σ index · stride */
export function positionOf(index: readonly number[], strides: readonly number[], offset: number): number {
  return index.reduce((sum, i, axis) => sum + i * strides[axis], offset);
}

/** `1 + 2 · 6 + 0 · 1 = 13`: how the position of an element is found. */
export function addressText(index: readonly number[], strides: readonly number[], offset: number): string {
  const terms = index.map((i, axis) => `${i} · ${strides[axis]}`);
  return `${[offset, ...terms].join(' + ')} = ${positionOf(index, strides, offset)}`;
}

/** The index of every element, in reading order. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (lists, extent) => lists.flatMap((list) => Array.from({ length: extent }, (_, i) => [...list, i])),
    [[]],
  );
}

/** The library's words, or the page's. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What two tensors can be combined with. */
export const binaryOps = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'matmul'] as const;
export type BinaryName = (typeof binaryOps)[number];

/** What happens to an operand along one axis of the result. */
export type AxisMark = 'as it is' | 'stretched' | 'added' | 'summed over' | 'clash' | '';

export interface AxisColumn {
  /** Of the result, counted from the end: −1 is the last. */
  axis: number;
  a: { extent: number | null; mark: AxisMark };
  b: { extent: number | null; mark: AxisMark };
  /** Null where the two do not fit. */
  result: number | null;
}

/**
 * Two shapes above one another, aligned at their last axes. For matmul the last two axes are those of matrices, of which
 * only a's last and b's last but one have to be equal; the axes before them broadcast.
 */
export function alignShapes(a: readonly number[], b: readonly number[], op: BinaryName): AxisColumn[] {
  if (op === 'matmul') return alignMatrices(a, b);
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => alignAxis(i - rank, a, b));
}

function alignAxis(axis: number, aShape: readonly number[], bShape: readonly number[]): AxisColumn {
  const [a, b] = [aShape.at(axis) ?? null, bShape.at(axis) ?? null];
  const clash = a !== null && b !== null && a !== b && a !== 1 && b !== 1;
  const result = clash ? null : a === null || a === 1 ? (b ?? 1) : a;
  const mark = (extent: number | null): AxisMark =>
    clash ? 'clash' : extent === null ? 'added' : extent !== result ? 'stretched' : 'as it is';
  return { axis, a: { extent: a, mark: mark(a) }, b: { extent: b, mark: mark(b) }, result };
}

function alignMatrices(a: readonly number[], b: readonly number[]): AxisColumn[] {
  const lead = alignShapes(a.slice(0, -2), b.slice(0, -2), 'add');
  const batch = a.length > 2 || b.length > 2 ? lead.map((one) => ({ ...one, axis: one.axis - 2 })) : [];
  const [m, k] = a.length > 1 ? a.slice(-2) : [null, a[0] ?? null];
  const [inner, n] = b.length > 1 ? b.slice(-2) : [b[0] ?? null, null];
  const mark: AxisMark = k === inner ? 'summed over' : 'clash';
  const own = (extent: number | null): AxisMark => (extent === null ? '' : 'as it is');
  return [
    ...batch,
    { axis: -2, a: { extent: m, mark: own(m) }, b: { extent: inner, mark }, result: m },
    { axis: -1, a: { extent: k, mark }, b: { extent: n, mark: own(n) }, result: n },
  ];
}

/** A tensor as a list and its shape. */
export interface Values {
  shape: readonly number[];
  values: number[];
}

export interface Combination {
  result: Values;
  /** The gradient that arrives at the result, and what a and b get. */
  arriving: Values;
  a: OperandGradient;
  b: OperandGradient;
}

export interface OperandGradient {
  /** The gradient of the operand as it was stretched; null for a product of matrices with a vector. */
  stretched: Values | null;
  /** The axes of that which are summed away. */
  summed: number[];
  gradient: Values;
}

/** What arrives at the result from above. */
export type Arriving = 'ones' | 'counting';

/** @throws the library's own error where the shapes do not fit; PageError where the result is too large to draw */
export function combine(aGiven: Tensor, bGiven: Tensor, op: BinaryName, arriving: Arriving): Combination {
  const [a, b] = [leaf(aGiven), leaf(bGiven)];
  const result = requireSmall(a[op](b));
  const g = arriving === 'ones' ? ones(result.shape) : counting(result.shape, { first: 1, step: 1 });
  const [da, db] = gradients(result, [a, b], { gradient: g });
  const [aShape, bShape] = stretchedShapes(a, b, result, op);
  let stretched: (Tensor | null)[] = [null, null];
  if (aShape && bShape) {
    const wide = [leaf(a.expand(aShape).contiguous()), leaf(b.expand(bShape).contiguous())];
    stretched = gradients(wide[0][op](wide[1]), wide, { gradient: g });
  }
  return {
    result: valuesOf(result),
    arriving: valuesOf(g),
    a: operand(stretched[0], da),
    b: operand(stretched[1], db),
  };
}

/** The shapes the operands have once they are stretched. */
function stretchedShapes(
  a: Tensor,
  b: Tensor,
  result: Tensor,
  op: BinaryName,
): [readonly number[] | null, readonly number[] | null] {
  if (op !== 'matmul') return [result.shape, result.shape];
  if (a.rank < 2 || b.rank < 2) return [null, null];
  const batch = result.shape.slice(0, -2);
  return [
    [...batch, ...a.shape.slice(-2)],
    [...batch, ...b.shape.slice(-2)],
  ];
}

function operand(stretched: Tensor | null, gradient: Tensor): OperandGradient {
  const lead = (stretched?.rank ?? 0) - gradient.rank;
  const summed = (stretched?.shape ?? []).flatMap((extent, axis) =>
    axis < lead || gradient.shape[axis - lead] !== extent ? [axis] : [],
  );
  return { stretched: stretched && valuesOf(stretched), summed, gradient: valuesOf(gradient) };
}

function leaf(x: Tensor): Tensor {
  const copy = x.detach();
  copy.requiresGrad = true;
  return copy;
}

function valuesOf(x: Tensor): Values {
  return { shape: x.shape, values: [...x.toTypedArray()] };
}

/** Which elements of a and b, in reading order, go into an element of the result. */
export function sourcesOf(
  place: number,
  a: readonly number[],
  b: readonly number[],
  result: readonly number[],
  op: BinaryName,
): { a: number[]; b: number[] } {
  const index = indicesOf(result)[place];
  if (!index) return { a: [], b: [] };
  if (op !== 'matmul') return { a: [placeIn(a, index)], b: [placeIn(b, index)] };
  const inner = a[a.length - 1];
  const batch = index.slice(0, Math.max(a.length, b.length, 2) - 2);
  const [row, columnIndex] = [
    a.length > 1 ? index[batch.length] : 0,
    b.length > 1 ? index[index.length - 1] : 0,
  ];
  const all = Array.from({ length: inner }, (_, k) => k);
  return {
    a: all.map((k) => placeIn(a, a.length > 1 ? [...batch, row, k] : [k])),
    b: all.map((k) => placeIn(b, b.length > 1 ? [...batch, k, columnIndex] : [k])),
  };
}

/** The place in reading order of the element that a broadcast index reads. */
function placeIn(shape: readonly number[], index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  return shape.reduce((place, extent, axis) => place * extent + (extent === 1 ? 0 : own[axis]), 0);
}

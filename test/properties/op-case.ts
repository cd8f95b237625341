/**
 * One call of an op, drawn from its domain, as a function of leaves alone: leaf → view → op. Gradients are checked
 * with respect to the leaves, so every gradient has passed through whatever layout the op was handed.
 */
import type fc from 'fast-check';
import { Tensor } from '../../src/index.ts';
import type { OpRecord } from '../../src/ops/define.ts';
import { Drawing, type DrawingOptions } from './draw.ts';
import { codeOf, functionCode, isPlainObject, tensorCode } from './paste.ts';

type AnyFunction = (...args: never[]) => Tensor;

/** An op of any arguments. */
export type AnyOp = AnyFunction & { readonly record: OpRecord<readonly unknown[]> };

export interface OpCase {
  /** Contiguous float64 leaves. */
  readonly leaves: readonly Tensor[];
  /** Calls the op on views of these leaves, the other arguments as they were drawn. */
  readonly f: (...leaves: Tensor[]) => Tensor;
  /** What the op sees of these leaves. */
  readonly views: (leaves: readonly Tensor[]) => Tensor[];
  /** `f` with another function of the same arguments in place of the op. */
  readonly through: (other: AnyFunction) => (...leaves: Tensor[]) => Tensor;
  /** Calls the op on the arguments as drawn, each tensor among them (indices and masks too) replaced. */
  readonly call: (replace: (x: Tensor) => Tensor) => Tensor;
  /** `f` and `leaves` as code that can be pasted. */
  readonly code: string;
  /** The floating tensors among the arguments as drawn, one per leaf: what the op sees of it. */
  readonly tensors: readonly Tensor[];
}

/** Draws a call of `op`. */
export function drawCase(op: AnyOp, g: fc.GeneratorValue, options: DrawingOptions = {}): OpCase {
  const drawing = new Drawing(g, options);
  return caseOf(op, op.record.domain(drawing), drawing);
}

/**
 * Draws a call that has the same tensor in several places, such as mul(x, x); null where no two of the tensors that
 * were drawn have one shape.
 */
export function drawRepeatedCase(op: AnyOp, g: fc.GeneratorValue): OpCase | null {
  const drawing = new Drawing(g, { sameShapes: true });
  const args = op.record.domain(drawing);
  const { tensors } = caseOf(op, args, drawing);
  const shapes = tensors.map((x) => x.shape.join());
  const shape = shapes.find((text, i) => shapes.indexOf(text) < i);
  if (shape === undefined) return null;
  const alike = tensors.filter((_, i) => shapes[i] === shape);
  // Where all of them are defined.
  const ranges = alike.map((x) => drawing.drawn.get(x)?.range ?? {});
  const x = drawing.tensor(alike[0].shape, {
    min: Math.max(...ranges.map(({ min = -2 }) => min)),
    max: Math.min(...ranges.map(({ max = 2 }) => max)),
    avoid: ranges.flatMap(({ avoid = [] }) => avoid),
    distinct: ranges.some(({ distinct }) => distinct),
  });
  const repeated = mapTensors(args, (old) => (alike.includes(old) ? x : old));
  return caseOf(op, repeated as unknown[], drawing);
}

/** What a domain drew, as a function of the leaves behind it. */
export function caseOf(op: AnyOp, args: readonly unknown[], drawing: Drawing): OpCase {
  const slots = new Map<Tensor, number>();
  const leaves: Tensor[] = [];
  const visit = (value: unknown): void => {
    if (!(value instanceof Tensor)) {
      for (const part of partsOf(value)) visit(part);
    } else if (isFloating(value) && !slots.has(value)) {
      slots.set(value, leaves.length);
      leaves.push(drawing.drawn.get(value)?.leaf ?? value);
    }
  };
  visit(args);
  const call = (replace: (x: Tensor) => Tensor, other: AnyFunction = op): Tensor =>
    other(...(mapTensors(args, replace) as never[]));
  const views = (given: readonly Tensor[]): Tensor[] =>
    [...slots].map(([x, slot]) => drawing.drawn.get(x)?.layout.view(given[slot]) ?? given[slot]);
  const through =
    (other: AnyFunction) =>
    (...given: Tensor[]): Tensor => {
      // One view per leaf: an argument that stands twice in the call is one and the same tensor.
      const seen = views(given);
      return call((x) => seen[slots.get(x) ?? -1] ?? x, other);
    };
  return {
    leaves,
    f: through(op),
    views,
    through,
    call,
    tensors: [...slots.keys()],
    code: caseCode(op.record.name, args, leaves, slots, drawing),
  };
}

export function isFloating(x: Tensor): boolean {
  return x.dtype === 'float32' || x.dtype === 'float64';
}

/** The entries of a list or of an options object; nothing for anything else. */
function partsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isPlainObject(value) ? Object.values(value) : [];
}

/** Rebuilds nested arguments with every tensor replaced. */
export function mapTensors(value: unknown, replace: (x: Tensor) => Tensor): unknown {
  if (value instanceof Tensor) return replace(value);
  if (Array.isArray(value)) return value.map((part) => mapTensors(part, replace));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapTensors(part, replace)]));
}

/** The case as two statements: `const f = (a) => sum(a.permute([1, 0]), [0]);` and `const leaves = [tensor(…)];`. */
function caseCode(
  name: string,
  args: readonly unknown[],
  leaves: readonly Tensor[],
  slots: ReadonlyMap<Tensor, number>,
  drawing: Drawing,
): string {
  const letter = (slot: number): string => 'abcdefgh'[slot];
  const call = args.map((arg) =>
    codeOf(arg, (x) => {
      const slot = slots.get(x);
      return slot === undefined ? tensorCode(x) : letter(slot) + (drawing.drawn.get(x)?.layout.code ?? '');
    }),
  );
  const names = leaves.map((_, slot) => letter(slot)).join(', ');
  return functionCode(`(${names}) => ${name}(${call.join(', ')})`, leaves);
}

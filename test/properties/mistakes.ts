/** Backwards with deliberate mistakes, made from the right ones of any op: what the laws have to find. */
import { customOp } from '../../src/autograd/custom-op.ts';
import { isGradEnabled, withGradMode } from '../../src/autograd/mode.ts';
import { gradients, type Tensor } from '../../src/index.ts';
import { largest, numbersOf } from './derivatives.ts';
import type { DrawingOptions } from './draw.ts';
import type { OpCase } from './op-case.ts';
import type { LawCase } from './op-laws.ts';

/** Makes wrong gradients of an op's arguments from the right ones, or null where there is nothing to get wrong. */
type Spoil = (right: readonly Tensor[], again: (cotangent: Tensor) => Tensor[], g: Tensor) => Tensor[] | null;

export interface Mistake {
  readonly name: string;
  readonly spoil: Spoil;
  /** Ops in which it cannot be made. */
  readonly impossible: readonly string[];
  readonly drawing?: DrawingOptions;
}

/** Flat wherever it is defined: no gradient, no mistake in it. */
const FLAT = ['sign'];
/** Their result is one number. */
const LOSSES = ['binaryCrossEntropyWithLogits', 'crossEntropy', 'mseLoss', 'nllLoss'];

/** The first gradient that is not flat, changed. */
function changed(right: readonly Tensor[], change: (gradient: Tensor) => Tensor): Tensor[] | null {
  const at = right.findIndex((gradient) => largest(numbersOf(gradient)) > NOTICEABLE);
  return at < 0 ? null : right.with(at, change(right[at]));
}

/** Smaller slopes than this may be missed by a check that is relative to 1. */
const NOTICEABLE = 1e-2;

export const mistakes: readonly Mistake[] = [
  {
    name: 'the sign of a gradient',
    spoil: (right) => changed(right, (gradient) => gradient.neg()),
    impossible: FLAT,
  },
  {
    name: 'a missing factor',
    spoil: (right) => changed(right, (gradient) => gradient.mul(0.5)),
    impossible: FLAT,
  },
  {
    name: 'a forgotten operand',
    spoil: (right) => changed(right, (gradient) => gradient.mul(0)),
    impossible: FLAT,
  },
  {
    // What is left of a stretched operand's gradient when nobody sums over the axis along which it was stretched.
    name: 'a missing un-broadcast: the sum over an axis of the result stops at its first entry',
    spoil: (right, again, g) => {
      for (const axis of g.shape.keys()) {
        const first = g.slice(axis, 0, 1).placeSlice(g.shape, axis, 0);
        const partial = again(first);
        const at = right.findIndex((gradient, i) => differ(gradient, partial[i]));
        if (at >= 0) return right.with(at, partial[at]);
      }
      return null;
    },
    impossible: [...FLAT, ...LOSSES],
  },
];

/** Only in ops of two operands that may be alike in shape. */
export const swapped: Omit<Mistake, 'impossible'> = {
  name: 'swapped operands',
  spoil: (right) => {
    if (right.length < 2 || right[0].shape.join() !== right[1].shape.join()) return null;
    return differ(right[0], right[1]) ? [right[1], right[0], ...right.slice(2)] : null;
  },
  drawing: { sameShapes: true },
};

function differ(a: Tensor, b: Tensor): boolean {
  const other = numbersOf(b);
  return largest(numbersOf(a).map((value, i) => value - other[i])) > NOTICEABLE;
}

/** A right gradient that does not know that it depends on the arguments: wrong from the second order on. */
export const forgetful: Omit<Mistake, 'impossible'> = {
  name: 'a gradient that cannot be differentiated again',
  spoil: (right) => right.map((gradient) => gradient.detach()),
};

/** The case with a mistake in the op's backward; `spoilt` tells of every backward that the mistake changed. */
export function withMistake(drawn: OpCase, { spoil }: Pick<Mistake, 'spoil'>, spoilt: () => void): LawCase {
  const { tensors, call, leaves, code } = drawn;
  const op = (...args: Tensor[]): Tensor => call((x) => args[tensors.indexOf(x)] ?? x);
  const wrong = customOp({
    name: 'wrong',
    forward: op,
    backward: (g, { inputs }) => {
      const createGraph = isGradEnabled();
      const again = (cotangent: Tensor): Tensor[] =>
        withGradMode(true, () => gradients(op(...inputs), inputs, { gradient: cotangent, createGraph }));
      const right = again(g);
      const result = spoil(right, again, g);
      if (result) spoilt();
      return result ?? right;
    },
  });
  return { f: (...given) => wrong(...drawn.views(given)), leaves, code };
}

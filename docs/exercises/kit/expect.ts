/** Saying what was expected and what came instead. */
import { Tensor } from 'hopgrad';

/** A law that does not hold. */
export class Mismatch extends Error {
  readonly expected: unknown;
  readonly got: unknown;

  /** @param what is compared, in words */
  constructor(what: string, expected: unknown, got: unknown) {
    super(what);
    this.name = 'Mismatch';
    this.expected = expected;
    this.got = got;
  }
}

/** Plain values and lists of them, equal in every part; NaN equals itself. */
export function expectSame(what: string, got: unknown, expected: unknown): void {
  if (!isSame(got, expected)) throw new Mismatch(what, expected, got);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  }
  return a === b || Object.is(a, b);
}

/** @param truth whether it holds; what came is shown beside what it should have been, in words */
export function expectThat(truth: boolean, what: string, expected: string, got: unknown): void {
  if (!truth) throw new Mismatch(what, new Words(expected), typeof got === 'string' ? new Words(got) : got);
}

/** Words that stand for a value. */
export class Words {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Numbers, lists of numbers or tensors that agree up to rounding: |got − expected| ≤ tolerance · max(1, |expected|). */
export function expectClose(
  what: string,
  got: unknown,
  expected: number | readonly number[] | Tensor,
  tolerance = 1e-9,
): void {
  const close = (a: number, b: number): boolean =>
    a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
  if (expected instanceof Tensor) {
    expectTensor(what, got);
    expectSame(`the shape of ${what}`, [...got.shape], [...expected.shape]);
    const [left, right] = [got.toTypedArray(), expected.toTypedArray()];
    if (!left.every((value, i) => close(value, right[i]))) throw new Mismatch(what, expected, got);
    return;
  }
  const [left, right] = [got, expected].map((side) => (Array.isArray(side) ? side : [side]));
  const right_ = right as number[];
  const agree =
    left.length === right_.length &&
    left.every((value, i) => typeof value === 'number' && close(value, right_[i]));
  if (!agree) throw new Mismatch(what, expected, got);
}

export function expectTensor(what: string, got: unknown): asserts got is Tensor {
  if (!(got instanceof Tensor)) throw new Mismatch(what, new Words('a tensor'), got);
}

/** That it refuses, with an error of any kind. */
export function expectThrows(what: string, body: () => unknown): void {
  let got: unknown;
  try {
    got = body();
  } catch (error) {
    if (error instanceof Error && error.name === 'Hole') throw error;
    return;
  }
  throw new Mismatch(what, new Words('an error'), got);
}

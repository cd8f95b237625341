import fc from 'fast-check';
import { zeros } from 'hopgrad';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectSame, expectThrows } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

/** Now and then 1, now and then 0: a tensor may be empty. */
const shape = fc.array(fc.constantFrom(1, 1, 2, 3, 0), { maxLength: 4 });

/** What the library makes of it; null where it refuses. */
function asLibrary(a: readonly number[], b: readonly number[]): number[] | null {
  try {
    return [...zeros(a).add(zeros(b)).shape];
  } catch {
    return null;
  }
}

export default exercise<typeof Solution>({
  title: 'The shape of a broadcast',
  chapter: 1,
  task: 'From the shapes of two tensors, compute the shape of their sum, or refuse.',
  laws: ({ broadcastShape }) => [
    example('(4, 1) and (3) make (4, 3)', () => {
      expectSame('broadcastShape([4, 1], [3])', broadcastShape([4, 1], [3]), [4, 3]);
    }),
    example('a scalar, which has no axes, takes any shape', () => {
      expectSame('broadcastShape([], [2, 3])', broadcastShape([], [2, 3]), [2, 3]);
    }),
    law('a.add(b) of the library has that shape', fc.record({ a: shape, b: shape }), ({ a, b }) => {
      const expected = asLibrary(a, b);
      if (expected) expectSame('the shape', broadcastShape(a, b), expected);
    }),
    law('where the library refuses, so does it', fc.record({ a: shape, b: shape }), ({ a, b }) => {
      if (!asLibrary(a, b)) expectThrows('shapes that do not broadcast', () => broadcastShape(a, b));
    }),
    law('the arguments are left as they were', fc.record({ a: shape, b: shape }), ({ a, b }) => {
      const [a0, b0] = [[...a], [...b]];
      if (asLibrary(a, b)) broadcastShape(a, b);
      expectSame('[a, b] afterwards', [a, b], [a0, b0]);
    }),
  ],
});

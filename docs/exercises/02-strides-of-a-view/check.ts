import fc from 'fast-check';
import { arange, fromTypedArray, type Tensor } from 'hopgrad';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectSame } from '../kit/expect.ts';
import type * as Solution from './solution.ts';
import type { View } from './solution.ts';

const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

/** A library tensor that counts 0, 1, 2, …, transposed once where there are two axes: not every view is in order. */
function counting(extents: readonly number[], turned: boolean): Tensor {
  const x = arange(extents.reduce((product, n) => product * n, 1)).reshape(extents);
  return turned && x.rank > 1 ? x.transpose(0, x.rank - 1) : x;
}

const viewOf = ({ shape, strides, offset }: Tensor): View => ({
  shape: [...shape],
  strides: [...strides],
  offset,
});

/** What a view shows of the memory 0, 1, 2, …: the places themselves. */
function read({ shape, strides, offset }: View, axis = 0, place = offset): unknown {
  if (axis === shape.length) return place;
  return Array.from({ length: shape[axis] }, (_, i) =>
    read({ shape, strides, offset }, axis + 1, place + i * strides[axis]),
  );
}

const parts = ({ shape, strides, offset }: View): unknown[] => [[...shape], [...strides], offset];

const matrix: View = { shape: [2, 3], strides: [3, 1], offset: 0 };

const sliceCase = fc.record({ shape, turned: fc.boolean() }).chain(({ shape, turned }) => {
  const own = counting(shape, turned).shape;
  return fc.integer({ min: 0, max: own.length - 1 }).chain((axis) =>
    fc.integer({ min: 0, max: own[axis] - 1 }).chain((from) =>
      fc.record({
        shape: fc.constant(shape),
        turned: fc.constant(turned),
        axis: fc.constant(axis),
        from: fc.constant(from),
        to: fc.integer({ min: from + 1, max: own[axis] }),
        step: fc.integer({ min: 1, max: 3 }),
      }),
    ),
  );
});

const twoAxes = fc
  .record({ shape, turned: fc.boolean(), first: fc.nat(2), second: fc.nat(2) })
  .map(({ shape, turned, first, second }) => ({
    shape,
    turned,
    axisA: first % shape.length,
    axisB: second % shape.length,
  }));

export default exercise<typeof Solution>({
  title: 'The strides of a view',
  chapter: 1,
  task: 'Transpose and slice a tensor by changing its shape, strides and offset alone.',
  laws: ({ transposed, sliced }) => [
    example('(2, 3) with strides (3, 1), transposed, is (3, 2) with strides (1, 3)', () => {
      expectSame('[shape, strides, offset]', parts(transposed(matrix, 0, 1)), [[3, 2], [1, 3], 0]);
    }),
    example('its second row, as a slice: (1, 3), from place 3 on', () => {
      expectSame('[shape, strides, offset]', parts(sliced(matrix, 0, 1, 2, 1)), [[1, 3], [3, 1], 3]);
    }),
    example('its first and third column: two steps at a time', () => {
      expectSame('[shape, strides, offset]', parts(sliced(matrix, 1, 0, 3, 2)), [[2, 2], [3, 2], 0]);
    }),
    law("a transposed view is the library's", twoAxes, ({ shape, turned, axisA, axisB }) => {
      const x = counting(shape, turned);
      const view = viewOf(x);
      const expected = parts(viewOf(x.transpose(axisA, axisB)));
      expectSame('[shape, strides, offset]', parts(transposed(view, axisA, axisB)), expected);
      expectSame('the view that was given, afterwards', parts(view), parts(viewOf(x)));
    }),
    law('a slice shows the elements that it should', sliceCase, ({ shape, turned, axis, from, to, step }) => {
      const x = counting(shape, turned);
      const places = Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
      const view = viewOf(x);
      const result = sliced(view, axis, from, to, step);
      const expected = x.indexSelect(axis, indices(places)).toArray();
      expectSame('the shape', [...result.shape], x.shape.with(axis, places.length));
      expectSame('the elements of memory that it shows', read(result), expected);
      expectSame('the view that was given, afterwards', parts(view), parts(viewOf(x)));
    }),
    law(
      'a slice of a slice goes on from where that one stands',
      sliceCase,
      ({ shape, turned, axis, from, to }) => {
        const view = viewOf(counting(shape, turned));
        const twice = sliced(sliced(view, axis, from, to, 1), axis, to - from - 1, to - from, 1);
        expectSame('its last element, sliced again', read(twice), read(sliced(view, axis, to - 1, to, 1)));
      },
    ),
  ],
});

function indices(places: readonly number[]): Tensor {
  return fromTypedArray(Int32Array.from(places), [places.length]);
}

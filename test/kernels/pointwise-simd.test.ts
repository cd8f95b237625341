/** Pointwise programs in WebAssembly against the reference: every primitive, every layout, parts and threads. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arity,
  type Expression,
  input,
  type Primitive,
  parameter,
} from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import { simdPointwise } from '../../kernels/pointwise/simd.ts';
import type { HostView } from '../../kernels/strides.ts';
import { watch } from './machines.ts';
import { type Layout, layouts, packedView, resultOf, viewOf } from './views.ts';

const { expectParity, machines } = watch(simdPointwise);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

type Type = 'float32' | 'bool' | 'int32';

/** A view of whole numbers from −4 to 4, so that sums and products are exact; what it does not show is not one. */
function wholeView(shape: readonly number[], layout: Layout, type: Type): HostView {
  const view = viewOf(shape, layout, 'float32');
  const round = (value: number): number => Math.max(-4, Math.min(4, Math.round(2 * value)));
  switch (type) {
    case 'float32':
      return { ...view, buffer: Float32Array.from(view.buffer, round) };
    case 'bool':
      return { ...view, dtype: type, buffer: Uint8Array.from(view.buffer, (value) => (value > 0 ? 1 : 0)) };
    case 'int32':
      return { ...view, dtype: type, buffer: Int32Array.from(view.buffer, (value) => 1e9 * value) };
  }
}

const [a, b, c] = [input(0), input(1), input(2)];
const types = fc.constantFrom<Type>('float32', 'bool');
const outer = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
const last = fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33);
const shapes = fc.tuple(outer, last).map(([extents, extent]) => [...extents, extent]);
const exact = { absolute: 0 };

/** Axes in reading order, without gaps. */
const natural: Layout = {
  order: [4, 3, 2, 1, 0],
  gaps: [1, 1, 1, 1, 1],
  stretched: [false, false, false, false, false],
  offset: 1,
  seed: 5,
};

describe('every primitive is what the reference says, NaN and infinities too', () => {
  const values = [-2.5, -1, -0.5, -0, 0, 0.5, 1, 3, inf, -inf, nan];
  const triples = values.flatMap((x) => values.flatMap((y) => [0, 7, nan].map((z) => [x, y, z])));
  const inputs = [0, 1, 2].map((k) => packedView([triples.length], 1, (i) => triples[i][k]));

  test.each(Object.keys(arity) as Primitive[])('%s', (primitive) => {
    const methods = a as unknown as Record<string, (...args: Expression[]) => Expression>;
    const expression = methods[primitive](...[b, c].slice(0, arity[primitive] - 1));
    const found = expectParity(
      'pointwise',
      [compile(expression, 3, 0), inputs, [], resultOf([triples.length], 'float32')],
      {
        relative: 4e-7,
      },
    );
    expect(found[0]).toHaveLength(triples.length);
    const program = compile(expression.lessThan(0.25), 3, 0);
    expectParity('pointwise', [program, inputs, [], resultOf([triples.length], 'bool')], exact);
  });
});

test('the sign of a zero is kept, or chosen as by Math.max and Math.min', () => {
  const found = (expression: Expression): number[] => {
    const [x, y] = [
      [0, -0, 0, -0],
      [0, 0, -0, -0],
    ].map((values) => packedView([4], 0, (i) => values[i]));
    return [
      ...expectParity(
        'pointwise',
        [compile(expression, 2, 0), [x, y], [], resultOf([4], 'float32')],
        exact,
      )[0],
    ];
  };
  expect(found(a.maximum(b))).toEqual([0, 0, 0, -0]);
  expect(found(a.minimum(b))).toEqual([0, -0, -0, -0]);
  expect(found(a.add(b))).toEqual([0, 0, 0, -0]);
  expect(found(a.abs())).toEqual([0, 0, 0, 0]);
  expect(found(a.neg())).toEqual([-0, 0, -0, 0]);
  expect(found(a)).toEqual([0, -0, 0, -0]);
});

describe('inputs of any layout are read at the right places', () => {
  const cases = fc.record({
    shape: shapes,
    layouts: fc.tuple(layouts, layouts, layouts),
    types: fc.tuple(types, types, types),
    result: types,
  });

  test('numbers and truth values, into either', () => {
    const expression = a.mul(parameter(0)).add(b.sub(c).mul(a));
    fc.assert(
      fc.property(cases, ({ shape, layouts, types, result }) => {
        const inputs = layouts.map((layout, i) => wholeView(shape, layout, types[i]));
        const args = [compile(expression, 3, 1), inputs, [0.5], resultOf(shape, result)];
        expectParity('pointwise', args, exact);
      }),
      { numRuns: 120 },
    );
  });

  test('choices between them', () => {
    const expression = a.select(b, c.neg()).maximum(b.lessThan(c));
    fc.assert(
      fc.property(cases, ({ shape, layouts, types, result }) => {
        const inputs = layouts.map((layout, i) => wholeView(shape, layout, types[i]));
        expectParity('pointwise', [compile(expression, 3, 0), inputs, [], resultOf(shape, result)], exact);
      }),
      { numRuns: 80 },
    );
  });

  test('copies, of int32 to the last bit', () => {
    const copied = fc.constantFrom<Type>('float32', 'bool', 'int32');
    fc.assert(
      fc.property(shapes, layouts, copied, (shape, layout, type) => {
        const x = wholeView(shape, layout, type);
        expectParity('pointwise', [compile(a, 1, 0), [x], [], resultOf(shape, type)], exact);
      }),
      { numRuns: 120 },
    );
  });

  test('transposes, alone and in a row of matrices', () => {
    const extents = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(63, 64, 65));
    fc.assert(
      fc.property(
        extents,
        extents,
        fc.integer({ min: 1, max: 3 }),
        layouts,
        (rows, columns, count, layout) => {
          const turned = { ...layout, order: [1, 2, 0, 3, 4], gaps: [2, 1, 3, 1, 1] };
          const x = wholeView([count, rows, columns], { ...turned, stretched: natural.stretched }, 'float32');
          const out = resultOf([count, rows, columns], 'float32');
          expectParity('pointwise', [compile(a, 1, 0), [x], [], out], exact);
        },
      ),
      { numRuns: 80 },
    );
  });

  test('conversions between types', () => {
    const pairs = fc.constantFrom<[Type, Type]>(
      ['int32', 'float32'],
      ['int32', 'bool'],
      ['bool', 'float32'],
      ['bool', 'int32'],
      ['float32', 'bool'],
    );
    fc.assert(
      fc.property(shapes, layouts, pairs, (shape, layout, [from, to]) => {
        const x = wholeView(shape, layout, from);
        expectParity('pointwise', [compile(a, 1, 0), [x], [], resultOf(shape, to)], { relative: 2 ** -24 });
      }),
      { numRuns: 80 },
    );
  });
});

describe('work is cut into parts without a seam', () => {
  const stretched = (...axes: number[]): Layout => ({
    ...natural,
    stretched: natural.stretched.map((_, axis) => axes.includes(axis)),
  });

  test.each([
    ['one long row', [50_001], natural, natural],
    ['one long row and a number', [50_001], natural, stretched(0)],
    ['rows and a row', [401, 131], natural, stretched(0)],
    ['rows and a column', [401, 131], natural, stretched(1)],
    ['a few long rows', [3, 40_000], natural, stretched(0)],
    ['a few long rows and a column', [2, 2, 40_000], natural, stretched(2, 0)],
    ['many short rows', [9001, 3], natural, stretched(0)],
    ['the transpose of a matrix', [300, 200], natural, { ...natural, order: [0, 1, 2, 3, 4] }],
    ['heads', [3, 4, 50, 32], natural, { ...natural, order: [3, 1, 2, 0, 4] }],
    ['five axes that do not join', [3, 4, 5, 6, 50], { ...natural, gaps: [2, 3, 2, 2, 1] }, natural],
  ])('%s', (_, shape, x, y) => {
    const inputs = [wholeView(shape, x, 'float32'), wholeView(shape, y, 'float32')];
    const before = machines[0].launches;
    for (const type of ['float32', 'bool'] as const) {
      expectParity('pointwise', [compile(a.add(b), 2, 0), inputs, [], resultOf(shape, type)], exact);
      expectParity('pointwise', [compile(b, 2, 0), inputs, [], resultOf(shape, type)], exact);
    }
    expect(machines[0].launches - before).toBeLessThanOrEqual(16);
  });
});

test('what float32 would round is left to others', () => {
  const whole = { ...packedView([4], 0, () => 1), dtype: 'int32' as const, buffer: new Int32Array(7) };
  const double = { ...packedView([4], 0, () => 1), dtype: 'float64' as const, buffer: new Float64Array(7) };
  const left = /pointwise was left to other kernels/;
  for (const [expression, x, result] of [
    [a.add(1), whole, 'int32'],
    [a.add(1), whole, 'float32'],
    [a.lessThan(1), whole, 'bool'],
    [a, double, 'float32'],
    [a, packedView([4], 0, () => 1), 'int32'],
  ] as const) {
    const args = [compile(expression, 1, 0), [x], [], resultOf([4], result)];
    expect(() => expectParity('pointwise', args, exact)).toThrow(left);
  }
});

test('a program with more inputs and numbers than a launch has room for is left to others', () => {
  const inputs = Array.from({ length: 9 }, () => packedView([4], 0, () => 1));
  const sum = inputs.map((_, i) => input(i)).reduce((total, x) => total.add(x));
  const more = Array.from({ length: 20 }, (_, i) => parameter(i)).reduce((total, x) => total.add(x), sum);
  const args = [compile(more, 9, 20), inputs, new Array(20).fill(1), resultOf([4], 'float32')];
  expect(() => expectParity('pointwise', args, exact)).toThrow(/left to other kernels/);
});

/** Pointwise programs: every primitive, over views of every layout, across the blocks in which they run. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DType } from '../../kernels/contract.ts';
import {
  arity,
  type Expression,
  input,
  type Primitive,
  parameter,
} from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import { pointwise } from '../../kernels/pointwise/reference.ts';
import { erf } from '../../kernels/pointwise/special.ts';
import { arange, fromTypedArray } from '../../src/index.ts';
import { elementAt, indices, layouts, resultOf, viewOf } from './views.ts';

/** What each primitive means. */
const meaning: Record<Primitive, (a: number, b: number, c: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  lessThan: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  equal: (a, b) => Number(a === b),
  select: (a, b, c) => (a !== 0 ? b : c),
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  erf,
};

/** The expression of a primitive over its first inputs. */
function callOf(primitive: Primitive): Expression {
  const [a, b, c] = [input(0), input(1), input(2)];
  const methods = a as unknown as Record<string, (...args: Expression[]) => Expression>;
  return methods[primitive](...[b, c].slice(0, arity[primitive] - 1));
}

describe('each primitive computes what its name says', () => {
  const values = [
    -2.5,
    -1,
    -0.5,
    0,
    0.5,
    1,
    3,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ];

  test.each(Object.keys(arity) as Primitive[])('%s', (primitive) => {
    const triples = values.flatMap((a) => values.flatMap((b) => [0, 7].map((c) => [a, b, c])));
    const inputs = [0, 1, 2].map((k) => ({
      ...resultOf([triples.length], 'float64'),
      buffer: Float64Array.from(triples, (triple) => triple[k]),
    }));
    const out = resultOf([triples.length], 'float64');
    pointwise(compile(callOf(primitive), 3, 0), inputs, [], out);
    expect([...out.buffer]).toEqual(triples.map(([a, b, c]) => meaning[primitive](a, b, c)));
  });
});

test('inputs of any layout are read at the right places', () => {
  const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
  const expression = input(0)
    .mul(parameter(0))
    .add(input(1).sub(input(2)).mul(input(0)));
  fc.assert(
    fc.property(
      shapes,
      layouts,
      layouts,
      layouts,
      fc.constantFrom('float32' as const, 'float64' as const),
      (shape, la, lb, lc, dtype) => {
        const [a, b, c] = [la, lb, lc].map((layout) => viewOf(shape, layout, dtype));
        const out = resultOf(shape, 'float64');
        pointwise(compile(expression, 3, 1), [a, b, c], [0.5], out);
        const expected = [...indices(shape)].map((index) => {
          const [x, y, z] = [a, b, c].map((view) => elementAt(view, index));
          return x * 0.5 + (y - z) * x;
        });
        expect([...out.buffer]).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});

test('results longer than a block of 1,024 are whole, also from rows that cross blocks', () => {
  for (const shape of [[1023], [1025], [3, 700], [700, 3], [2, 5, 300], [2050, 1]]) {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const backwards = shape.map((_, axis) => shape.length - 1 - axis);
    const turned = arange(size, { dtype: 'float64' }).reshape(shape.toReversed()).permute(backwards);
    const expected = [...indices(shape)].map((index) =>
      index.reduceRight((place, i, axis) => place * shape[axis] + i, 0),
    );
    expect([...turned.add(0.5).toTypedArray()]).toEqual(expected.map((value) => value + 0.5));
  }
});

test('each type is rounded in its own way, once, at the end', () => {
  const data = Float64Array.of(0.1, -1.75, 0, 3.999, Number.NaN);
  const write = (dtype: DType): number[] => [...fromTypedArray(data, [5]).to(dtype).toTypedArray()];
  expect(write('float64')).toEqual([...data]);
  expect(write('float32')).toEqual([...data].map(Math.fround));
  expect(write('int32')).toEqual([0, -1, 0, 3, 0]);
  expect(write('bool')).toEqual([1, 1, 0, 1, 1]);
});

/** Pointwise programs in GLSL against the reference: every primitive over the whole range of float32, and every layout. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arity,
  constant,
  type Expression,
  input,
  type Primitive,
  parameter,
} from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { onGpu } from './gpu-parity.ts';
import { type Layout, packedView, resultOf, viewOf } from './views.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const [SMALLEST, LARGEST] = [2 ** -126, 2 ** 128 - 2 ** 104];
const [a, b, c] = [input(0), input(1), input(2)];
const exact = { absolute: 0 };

/** The largest relative errors, as the functions' comments state them. */
const bounds: Partial<Record<Primitive, number>> = {
  exp: 2e-7,
  expm1: 3e-7,
  log: 2e-7,
  log1p: 2e-7,
  tanh: 3e-7,
  sigmoid: 2e-7,
  erf: 3e-7,
  pow: 3e-7,
  div: 3e-7, // GPUs multiply by an inverse: Vulkan promises 2.5 units in the last place
  sqrt: 1e-7,
  sign: 0,
};
const SINE_BOUND = 3e-7;
/** Where sine and cosine turn from a relative error to an absolute one. */
const NEAR = 6000;

/** Results below the normal numbers may be 0. */
const slackOf =
  (relative: number, absolute = 0) =>
  (expected: number): number =>
    Math.max(relative * Math.abs(expected), absolute, Math.abs(expected) < SMALLEST ? SMALLEST : 0);

/** Normal numbers of every size and sign. */
function everywhere(count: number, seed: number): number[] {
  const random = new Random(seed);
  const numbers = new Float32Array(count);
  const words = new Uint32Array(numbers.buffer);
  const random32 = (i: number): number =>
    (((i % 254) + 1) << 23) | random.int(2 ** 23) | (random.int(2) << 31);
  for (let i = 0; i < count; i++) words[i] = random32(i);
  return [...numbers];
}

/** Numbers that one meets, and those around which functions change their ways. */
function usual(count: number, seed: number): number[] {
  const random = new Random(seed);
  const limits = [0.01, 1, 9, 90, 1000, NEAR];
  const corners = [88.7, -87.3, 1, -1, 0.35, -0.35, 0.75, 4, 10, -20];
  return Array.from({ length: count }, (_, i) => {
    const part = 2 * random.uniform() - 1;
    return Math.fround(i % 2 ? limits[i % 6] * part : corners[i % 10] * (1 + part * 1e-4));
  });
}

const special = [
  0,
  -0,
  nan,
  inf,
  -inf,
  SMALLEST,
  -SMALLEST,
  LARGEST,
  -LARGEST,
  1,
  -1,
  0.5,
  -2.5,
  3,
  1e20,
  -1e20,
];

onGpu('pointwise programs', (gpu) => {
  const compute = (
    expression: Expression,
    slack: (expected: number) => number,
    ...columns: (readonly number[])[]
  ): Float32Array => {
    const length = columns[0].length;
    const inputs = columns.map((column) => packedView([length], 0, (i) => column[i]));
    const args = [compile(expression, inputs.length, 0), inputs, [], resultOf([length], 'float32')];
    return gpu.expectParity('pointwise', args, { slack })[0] as Float32Array;
  };

  const functionOf = (name: Primitive): Expression => {
    const methods = a as unknown as Record<string, (...args: Expression[]) => Expression>;
    return methods[name](...[b, c].slice(0, arity[name] - 1));
  };

  const unary = (Object.keys(arity) as Primitive[]).filter((name) => arity[name] === 1);
  const others = (Object.keys(arity) as Primitive[]).filter((name) => arity[name] > 1);

  describe.each(unary.filter((name) => name !== 'sin' && name !== 'cos'))('%s', (name) => {
    const slack = slackOf(bounds[name] ?? 0);

    test('stays within its bound, however large or small the number', () => {
      compute(functionOf(name), slack, everywhere(40 * 254, 1));
      compute(functionOf(name), slack, usual(12_000, 2));
    });

    test('keeps NaN, infinities and the signs of zeros', () => {
      const found = compute(functionOf(name), slack, special);
      const expected = name === 'sigmoid' ? [0.5, 0.5] : name === 'erf' ? [0, -0] : null;
      const zeros = expected ?? [0, -0].map(name === 'neg' ? (x) => -x : (Math[name as 'exp'] ?? Math.abs));
      expect([...found.subarray(0, 2)]).toEqual(zeros);
    });
  });

  describe.each(['sin', 'cos'] as const)('%s', (name) => {
    test('stays within its bound near 0, also next to multiples of π/2', () => {
      const multiples = Array.from({ length: 7000 }, (_, i) => Math.fround(((i - 3500) * Math.PI) / 2));
      const small = everywhere(40 * 254, 3).filter((x) => Math.abs(x) < NEAR);
      const slack = slackOf(SINE_BOUND);
      for (const numbers of [multiples, small, usual(12_000, 4)]) compute(functionOf(name), slack, numbers);
    });

    test('stays within its bound far off, whatever the neighbours', () => {
      compute(functionOf(name), slackOf(SINE_BOUND, 2e-7), everywhere(40 * 254, 5));
      compute(functionOf(name), slackOf(SINE_BOUND, 2e-7), special);
      const slack = slackOf(SINE_BOUND);
      const alone = compute(functionOf(name), slack, [1, 2, 3, -4]);
      const beside = compute(functionOf(name), slack, [1, 2, 3, 1e20]);
      expect([...beside.subarray(0, 3)]).toEqual([...alone.subarray(0, 3)]);
    });
  });

  describe.each(others)('%s', (name) => {
    test('is what the reference says, NaN and infinities too', () => {
      const triples = special.flatMap((x) => special.flatMap((y) => [-0, 7, nan].map((z) => [x, y, z])));
      const columns = [0, 1, 2].slice(0, arity[name]).map((k) => triples.map((triple) => triple[k]));
      compute(functionOf(name), slackOf(bounds[name] ?? 1e-7), ...columns);
      const numbers = [1, 2, 3].slice(0, arity[name]).map((seed) => usual(12_000, seed));
      compute(functionOf(name), slackOf(bounds[name] ?? 1e-7), ...numbers);
    });
  });

  test('quotients of numbers of every size', () => {
    compute(
      a.div(b),
      slackOf(bounds.div as number),
      everywhere(12_000, 6),
      everywhere(12_000, 7).toReversed(),
    );
  });

  describe('pow', () => {
    const slack = slackOf(bounds.pow as number);
    const random = new Random(8);
    const draw = (scale: number): number => Math.fround((random.uniform() - 0.5) * scale);

    test('of special numbers is what IEEE 754 says, signs of zeros too', () => {
      const numbers = [
        ...special,
        2,
        -2,
        -0.5,
        2 ** 24 + 2,
        2 ** 24 - 1,
        -(2 ** 24 - 1),
        1 - 2 ** -24,
        2 ** -24 - 1,
      ];
      const pairs = numbers.flatMap((x) => numbers.map((y) => [x, y]));
      const found = compute(
        a.pow(b),
        slack,
        pairs.map(([x]) => x),
        pairs.map(([, y]) => y),
      );
      pairs.forEach(([x, y], i) => {
        if (x ** y === 0) expect(found[i], `${x} ** ${y}`).toBe(x ** y);
      });
    });

    test('stays within its bound', () => {
      const bases = Array.from({ length: 12_000 }, (_, i) => Math.exp(draw([170, 0.02, 2, 1e-4][i % 4])));
      const powers = bases.map((_, i) => draw([20, 12_000, 200, 1e6][i % 4]));
      compute(a.pow(b), slack, bases.map(Math.fround), powers);
      compute(
        a.pow(b),
        slack,
        bases.map((base) => Math.fround(-base)),
        powers.map(Math.round),
      );
      compute(a.pow(b), slack, everywhere(12_000, 9), everywhere(12_000, 10).toReversed());
    });
  });

  test('maximum and minimum choose among zeros of either sign one of them, and NaN wins', () => {
    const found = compute(a.maximum(b), slackOf(0), [nan, 1, nan, -inf], [1, nan, nan, inf]);
    expect([...found]).toEqual([nan, nan, nan, inf]);
  });

  test('a truth value is 1 for everything but 0, NaN too', () => {
    const x = packedView([special.length], 0, (i) => special[i]);
    for (const expression of [a, a.add(constant(0)), a.lessThan(b), a.equal(a), a.select(0, 1)]) {
      const args = [compile(expression, 2, 0), [x, x], [], resultOf([special.length], 'bool')];
      gpu.expectParity('pointwise', args, exact);
    }
  });

  describe('constants and parameters', () => {
    test('that are not finite, or too large for a float32', () => {
      const extremes = [nan, inf, -inf, 1e39, -1e39, 3e38, SMALLEST, -0, 0.1, 16_777_217];
      for (const value of extremes) compute(a.select(value, 1), slackOf(1e-7), [0, 1, 2]);
      const program = compile(a.select(parameter(0), parameter(1)), 1, 2);
      const x = packedView([3], 0, (i) => i);
      for (const value of extremes) {
        const args = [program, [x], [value, -value], resultOf([3], 'float32')];
        gpu.expectParity('pointwise', args, { relative: 1e-7 });
      }
    });

    test('are enough: nothing needs to be read', () => {
      const program = compile(parameter(0).mul(2).add(1), 0, 1);
      const found = gpu.expectParity('pointwise', [program, [], [3], resultOf([2, 3], 'float32')], exact);
      expect([...found[0]]).toEqual([7, 7, 7, 7, 7, 7]);
      const [three] = gpu.expectParity(
        'pointwise',
        [compile(constant(3), 0, 0), [], [], resultOf([], 'float32')],
        exact,
      );
      expect([...three]).toEqual([3]);
    });
  });

  /** Whole numbers from −4 to 4, so that sums and products are exact; what a view does not show is NaN. */
  const wholeView = (shape: readonly number[], layout: Layout): HostView => {
    const view = viewOf(shape, layout, 'float32');
    const round = (value: number): number => Math.max(-4, Math.min(4, Math.round(2 * value)));
    return { ...view, buffer: Float32Array.from(view.buffer, round) };
  };
  const natural: Layout = {
    order: [4, 3, 2, 1, 0],
    gaps: [1, 1, 1, 1, 1],
    stretched: [false, false, false, false, false],
    offset: 0,
    seed: 5,
  };
  const stretchedAlong = (...axes: number[]): Layout => ({
    ...natural,
    stretched: natural.stretched.map((_, axis) => axes.includes(axis)),
  });
  const layouts: Record<string, Layout> = {
    'in order': natural,
    'in order from its fifth element on': { ...natural, offset: 4 },
    'in order from its second element on': { ...natural, offset: 1 },
    transposed: { ...natural, order: [0, 1, 2, 3, 4], offset: 2 },
    'every second element': { ...natural, gaps: [2, 2, 2, 2, 2] },
    'every second row': { ...natural, gaps: [1, 2, 1, 1, 1] },
    'a row for all': stretchedAlong(0, 1),
    'a column for all': { ...stretchedAlong(2), offset: 3 },
    'a number for all': stretchedAlong(0, 1, 2),
  };

  describe.each([[[3, 5, 8]], [[2, 3, 7]], [[1, 4, 1]], [[4, 1, 4]]])('views of shape %j', (shape) => {
    test.each(Object.keys(layouts))('%s', (name) => {
      const inputs = [layouts[name], natural].map((layout, i) => wholeView(shape, { ...layout, seed: i }));
      const program = compile(a.mul(2).add(b), 2, 0);
      gpu.expectParity('pointwise', [program, inputs, [], resultOf(shape, 'float32')], exact);
      gpu.expectParity('pointwise', [program, inputs.toReversed(), [], resultOf(shape, 'bool')], exact);
    });
  });

  test('more rows, another offset, another parameter: nothing is compiled, and a program is one launch', () => {
    const program = compile(a.mul(parameter(0)).add(b).exp().mul(c), 3, 1);
    const run = (rows: number, offset: number, factor: number): void => {
      const row = wholeView([rows, 8], { ...stretchedAlong(0), offset });
      const inputs = [wholeView([rows, 8], { ...natural, offset }), row, wholeView([rows, 8], natural)];
      const args = [program, inputs, [factor], resultOf([rows, 8], 'float32')];
      gpu.expectParity('pointwise', args, { relative: 4e-7 });
    };
    run(3, 0, 1);
    const { compiled, launches } = gpu.machine.counters;
    run(700, 8, 0.5);
    run(2, 4, -0.5);
    expect(gpu.machine.counters.compiled).toBe(compiled);
    expect(gpu.machine.counters.launches).toBe(launches + 2);
  });

  test('random programs over whole numbers', () => {
    const names = [
      'add',
      'sub',
      'mul',
      'maximum',
      'minimum',
      'lessThan',
      'lessEqual',
      'equal',
      'select',
      'neg',
      'abs',
      'sign',
    ];
    const lines = fc.array(
      fc.tuple(fc.constantFrom(...(names as Primitive[])), fc.nat(), fc.nat(), fc.nat()),
      {
        minLength: 1,
        maxLength: 24,
      },
    );
    const views = [0, 1, 2, 3].map((seed) => wholeView([3, 10], { ...natural, seed }));
    const leaves = [...views.map((_, i) => input(i)), parameter(0), constant(-1.5)];
    fc.assert(
      fc.property(lines, fc.boolean(), (lines, toBool) => {
        const values = [...leaves];
        for (const [name, ...places] of lines) {
          const operands = places.map((at) => values[at % values.length]);
          const methods = operands[0] as unknown as Record<string, (...args: Expression[]) => Expression>;
          const value = methods[name](...operands.slice(1, arity[name]));
          values.push(name === 'mul' ? value.minimum(8).maximum(-8) : value);
        }
        const program = compile(values[values.length - 1], views.length, 1);
        const out = resultOf([3, 10], toBool ? 'bool' : 'float32');
        gpu.expectParity('pointwise', [program, views, [2], out], exact);
      }),
      { numRuns: 25 },
    );
  });

  test('a program of many functions and eight inputs', () => {
    const leaves = Array.from({ length: 8 }, (_, i) => input(i));
    const functions = ['sigmoid', 'tanh', 'erf', 'exp', 'sin', 'log1p'] as const;
    let value = leaves.reduce((sum, leaf) => sum.add(leaf));
    for (let i = 0; i < 40; i++)
      value = i % 5 ? value.mul(0.5).add(leaves[i % 8].abs()) : value.abs()[functions[i % 6]]();
    const inputs = leaves.map((_, seed) => wholeView([5, 6], { ...natural, seed }));
    const out = resultOf([5, 6], 'float32');
    gpu.expectParity('pointwise', [compile(value, 8, 0), inputs, [], out], { relative: 4e-6 });
  });

  describe('other types', () => {
    const whole = (numbers: number[]): HostView => ({
      ...packedView([numbers.length], 0, () => 0),
      dtype: 'int32',
      buffer: Int32Array.from(numbers),
    });
    const truths: HostView = { ...whole([0, 0, 0]), dtype: 'bool', buffer: Uint8Array.of(1, 0, 1) };

    test('are read as floats', () => {
      const inputs = [whole([2 ** 24, -3, 0]), truths, packedView([3], 0, (i) => i / 2)];
      const args = [compile(b.select(a, c.neg()), 3, 0), inputs, [], resultOf([3], 'float32')];
      gpu.expectParity('pointwise', args, exact);
      gpu.expectParity('pointwise', [compile(a, 1, 0), [inputs[0]], [], resultOf([3], 'bool')], exact);
    });

    test('are left to the host where a float would not hold them', () => {
      const large = whole([2 ** 24 + 1, -3, 0]);
      const results = [resultOf([3], 'int32'), resultOf([3], 'float32')];
      for (const [x, out] of [
        [large, results[0]],
        [large, results[1]],
        [truths, results[0]],
      ] as const) {
        const args = [compile(a.add(1), 1, 0), [x], [], out];
        expect(() => gpu.expectParity('pointwise', args, exact)).toThrow('left to the host');
        const expected = [...x.buffer].map((value) => value + 1);
        expect([...gpu.run('pointwise', args, [out])[0]]).toEqual([...out.buffer.map((_, i) => expected[i])]);
      }
    });
  });
});

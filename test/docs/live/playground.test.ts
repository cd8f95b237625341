/** What the page on tensors shows is what the library does. */
import { describe, expect, test } from 'vitest';
import {
  addressText,
  alignShapes,
  binaryOps,
  combine,
  indicesOf,
  readSteps,
  readTensor,
  runChain,
  sourcesOf,
} from '../../../docs/.vitepress/theme/live/playground.ts';
import { broadcastShapes } from '../../../src/tensor/shape.ts';

const counting = { first: 0, step: 1 };
const read = (text: string) => readTensor(text, counting);
const chain = (text: string, steps: string) => runChain(read(text), readSteps(steps));

describe('what a reader types', () => {
  test.each<[string, number[]]>([
    ['2, 3', [2, 3]],
    ['(2, 3)', [2, 3]],
    ['2 x 3 × 4', [2, 3, 4]],
    ['5', [5]],
    ['()', []],
    ['', []],
    ['[[1, 2, 3]]', [1, 3]],
    ['0, 3', [0, 3]],
  ])('%s', (text, shape) => {
    expect(read(text).shape).toEqual(shape);
  });

  test.each([
    ['2, q', '“q” is no size of an axis'],
    ['2, -1', '“-1” is no size'],
    ['[1, 2', 'do not read as lists of numbers'],
    ['[1, "a"]', '"a" is no number'],
    ['[[1, 2], [3]]', 'tensor: '],
    ['20, 20', 'more than this page draws'],
    ['1, 1, 1, 1, 1', 'more than this page draws'],
  ])('%s is refused', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test('chains', () => {
    expect(readSteps('transpose().slice(0, 1, 4)  reshape([2, -1])')).toMatchObject([
      { name: 'transpose', args: [] },
      { name: 'slice', args: [0, 1, 4] },
      { name: 'reshape', args: [[2, -1]] },
    ]);
    expect(() => readSteps('backward()')).toThrow('There is no backward here');
    expect(() => readSteps('slice(a)')).toThrow('between the parentheses stand numbers');
    expect(() => readSteps('transpose() +')).toThrow('“+” is no call');
  });
});

describe('views', () => {
  test('strides and offsets, by hand', () => {
    const { layouts, memories, error } = chain('3, 4', 'transpose().slice(0, 1, 4, 2).unsqueeze(1)');
    expect(error).toBe('');
    expect(memories).toHaveLength(1);
    expect(layouts.map(({ shape, strides, offset }) => [shape, strides, offset])).toEqual([
      [[3, 4], [4, 1], 0],
      [[4, 3], [1, 4], 0],
      [[2, 3], [2, 4], 1],
      [[2, 1, 3], [2, expect.any(Number), 4], 1],
    ]);
    expect(layouts[2].positions).toEqual([1, 5, 9, 3, 7, 11]);
    expect(layouts[2].values).toEqual([1, 5, 9, 3, 7, 11]);
  });

  test('what lies at an element’s position is the element', () => {
    for (const steps of [
      'transpose()',
      'expand([2, 3, 4])',
      'flip(1)',
      'select(1, 2)',
      'transpose().reshape([2, 6]).slice(1, 0, 6, 3)',
    ]) {
      const { layouts, memories } = chain('3, 4', steps);
      for (const { memory, positions, values } of layouts) {
        expect(positions.map((position) => memories[memory][position])).toEqual(values);
      }
    }
  });

  test('a reshape that strides cannot say is a copy', () => {
    const { layouts } = chain('3, 4', 'reshape([2, 6]).transpose().reshape([12])');
    expect(layouts.map(({ isView, memory }) => [isView, memory])).toEqual([
      [true, 0],
      [true, 0],
      [true, 0],
      [false, 1],
    ]);
  });

  test('the library’s own words where it refuses', () => {
    const { layouts, error } = chain('3, 4', 'transpose().reshape([5]).transpose()');
    expect(layouts).toHaveLength(2);
    expect(error).toMatch(/^reshape: the 12 elements of \(4, 3\) do not fill \(5\)/);
  });

  test('an address', () => {
    expect(addressText([1, 2], [2, 4], 1)).toBe('1 + 1 · 2 + 2 · 4 = 11');
  });
});

describe('broadcasting', () => {
  const shapes = [[], [1], [3], [1, 3], [2, 3], [2, 1], [4, 1, 3], [4, 2, 1], [5]];

  test('the columns are what the library broadcasts to, and clash where it refuses', () => {
    for (const a of shapes) {
      for (const b of shapes) {
        const columns = alignShapes(a, b, 'add');
        let expected: readonly number[] | null;
        try {
          expected = broadcastShapes('add', [a, b]);
        } catch {
          expected = null;
        }
        if (expected) expect(columns.map(({ result }) => result)).toEqual(expected);
        else expect(columns.some(({ result }) => result === null)).toBe(true);
      }
    }
  });

  test('axes are marked', () => {
    const [first, second, third] = alignShapes([2, 1, 3], [4, 1], 'mul');
    expect([first.a.mark, first.b.mark]).toEqual(['as it is', 'added']);
    expect([second.a.mark, second.b.mark]).toEqual(['stretched', 'as it is']);
    expect([third.a.mark, third.b.mark]).toEqual(['as it is', 'stretched']);
    expect(alignShapes([2, 3], [3, 4], 'matmul')).toMatchObject([
      { axis: -2, a: { extent: 2, mark: 'as it is' }, b: { extent: 3, mark: 'summed over' }, result: 2 },
      { axis: -1, a: { extent: 3, mark: 'summed over' }, b: { extent: 4, mark: 'as it is' }, result: 4 },
    ]);
    expect(alignShapes([2, 3], [2, 4], 'matmul')[1].a.mark).toBe('clash');
  });

  test('a gradient is summed over what was stretched', () => {
    const { result, a, b } = combine(
      read('2, 1, 3'),
      readTensor('4, 1', { first: 10, step: 10 }),
      'add',
      'ones',
    );
    expect(result.shape).toEqual([2, 4, 3]);
    expect(a).toMatchObject({ summed: [1], gradient: { shape: [2, 1, 3], values: Array(6).fill(4) } });
    expect(b).toMatchObject({ summed: [0, 2], gradient: { shape: [4, 1], values: Array(4).fill(6) } });
  });

  test('before it is summed it is the gradient of the stretched operand', () => {
    for (const op of binaryOps) {
      const [one, other] = op === 'matmul' ? ['2, 1, 2, 3', '3, 3, 2'] : ['2, 1, 3', '4, 1'];
      const { a } = combine(read(one), readTensor(other, { first: 10, step: 10 }), op, 'counting');
      const sums = new Map<number, number>();
      const { shape, values } = a.stretched!;
      indicesOf(shape).forEach((index, place) => {
        const own = index.slice(shape.length - a.gradient.shape.length);
        const key = a.gradient.shape.reduce(
          (at, extent, axis) => at * extent + (extent === 1 ? 0 : own[axis]),
          0,
        );
        sums.set(key, (sums.get(key) ?? 0) + values[place]);
      });
      a.gradient.values.forEach((value, place) => {
        expect(value).toBeCloseTo(sums.get(place)!, 3);
      });
    }
  });

  test('where a result’s element comes from', () => {
    expect(sourcesOf(5, [2, 1], [3], [2, 3], 'add')).toEqual({ a: [1], b: [2] });
    expect(sourcesOf(3, [2, 3], [3, 2], [2, 2], 'matmul')).toEqual({ a: [3, 4, 5], b: [1, 3, 5] });
    expect(sourcesOf(1, [3], [3, 2], [2], 'matmul')).toEqual({ a: [0, 1, 2], b: [1, 3, 5] });
    expect(sourcesOf(1, [2, 3], [3], [2], 'matmul')).toEqual({ a: [3, 4, 5], b: [0, 1, 2] });
  });

  test('shapes that do not fit: the library’s own words', () => {
    expect(() => combine(read('2, 3'), read('2'), 'add', 'ones')).toThrow('Did you mean b.unsqueeze(-1)?');
    expect(() => combine(read('2, 3'), read('4, 3'), 'matmul', 'ones')).toThrow(
      'Did you mean b.transpose()?',
    );
  });
});

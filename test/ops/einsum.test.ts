import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { einsum, Random, randn, type Tensor } from '../../src/index.ts';
import { expectClose, f64, flat } from './numbers.ts';

/** Σ over every assignment of positions to letters: what the equation says, word for word. */
function naive(inputs: string[], output: string, tensors: Tensor[], sizes: Record<string, number>): number[] {
  const letters = [...new Set([...output, ...inputs.join('')])];
  const numbers = tensors.map(flat);
  const result = new Array<number>([...output].reduce((size, letter) => size * sizes[letter], 1)).fill(0);
  const place = (labels: string, at: Record<string, number>): number =>
    [...labels].reduce((index, letter) => index * sizes[letter] + at[letter], 0);
  const visit = (depth: number, at: Record<string, number>): void => {
    if (depth < letters.length) {
      const letter = letters[depth];
      for (let i = 0; i < sizes[letter]; i++) visit(depth + 1, { ...at, [letter]: i });
      return;
    }
    result[place(output, at)] += inputs.reduce(
      (product, labels, i) => product * numbers[i][place(labels, at)],
      1,
    );
  };
  visit(0, {});
  return result;
}

test('any equation over any number of tensors is the sum it spells out', () => {
  const labels = fc.shuffledSubarray([...'abcd']).map((letters) => letters.join(''));
  const operands = fc.array(labels, { minLength: 1, maxLength: 3 });
  const extents = fc.record(Object.fromEntries([...'abcd'].map((l) => [l, fc.integer({ min: 0, max: 3 })])));
  fc.assert(
    fc.property(operands, extents, fc.infiniteStream(fc.boolean()), (inputs, sizes, coins) => {
      const used = [...new Set(inputs.join(''))];
      const output = used.filter(() => coins.next().value).join('');
      const random = new Random(1);
      const tensors = inputs.map((letters) =>
        randn(
          [...letters].map((letter) => sizes[letter]),
          random,
          { dtype: 'float64' },
        ),
      );
      const result = einsum(`${inputs.join(', ')} -> ${output}`, ...tensors);
      expect(result.shape).toEqual([...output].map((letter) => sizes[letter]));
      expectClose(result, naive(inputs, output, tensors, sizes));
    }),
    { numRuns: 100 },
  );
});

const [a, b] = [f64([[1, 2], [3, 4]]), f64([[5, 6], [7, 8]])]; // biome-ignore format: one line

test('without an arrow, the letters that stand once remain, in order of the alphabet', () => {
  expectClose(einsum('ij,jk', a, b), flat(a.matmul(b)));
  expectClose(einsum('ji', a), flat(a.transpose()));
  expectClose(einsum('ij,ij', a, b), flat(a.mul(b).sum()));
});

describe('what it cannot read it refuses', () => {
  test.each([
    ['ii->i', [a], "einsum: 'ii->i' names two axes of tensor 0 'i': diagonals are not supported."],
    ['...i->i', [a], "einsum: '...i->i' holds '...', which is not supported: give every axis a letter."],
    ['ij,jk', [a], "einsum: 'ij,jk' names 2 tensors but 1 are given."],
    ['i', [a], "einsum: 'i' names 1 axes of tensor 0, but (2, 2) has 2."],
    ['ij->ik', [a], "einsum: 'ij->ik' has 'k' in its result, but in no tensor."],
    ['ij->ii', [a], "einsum: 'ij->ii' has 'i' in its result, twice."],
    ['i1->i', [a], "einsum: 'i1->i' does not read as letters, commas and one '->', such as 'ij,jk->ik'."],
    ['ij,jk', [a, f64([[1]])], "einsum: 'ij,jk' axis 'j' is 2 in one tensor and 1 in tensor 1 (1, 1)."],
  ])('%s', (equation, tensors, message) => {
    expect(() => einsum(equation, ...tensors)).toThrow(message);
  });
});

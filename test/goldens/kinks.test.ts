/**
 * Where no derivative exists (ties, zeros, infinities, NaN) there are conventions, and hopgrad's are PyTorch's but for
 * the table below.
 */
import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/index.ts';
import { likeOf } from '../properties/derivatives.ts';
import type { AnyOp } from '../properties/op-case.ts';
import { ops } from '../properties/op-list.ts';
import { difference, expectAllNear, expectNear, type Golden, readGoldens, replay } from './goldens.ts';

const goldens = readGoldens<Golden[]>('kinks.json');
const bounds = { value: 1e-13, gradient: 1e-12, second: 1e-12 };
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** What hopgrad gives instead, for the cotangent 1, 2, 3, …; what is left out is as in PyTorch. */
interface Difference {
  op: string;
  case: string;
  why: string;
  output?: number[];
  gradients?: number[][];
  second?: number[][];
}

const tiesShare =
  'Ties share the gradient, as they do over all axes and in amax: torch.max(x, axis) chooses one.';
const nanWins =
  'The NaNs made the result, so they share the gradient; amax compares NaN with NaN and finds none.';
const oneNan = 'The NaNs share the gradient, as ties do; torch.max(x, axis) chooses one.';
const noDivision = 'The product of the others is 2 · 3; PyTorch divides the whole product, ∞ / ∞.';
const firstOfEqual = 'Of equal elements the first comes first; PyTorch leaves their order open.';
const softplus = [19, 20, 21, 30];

const differences: readonly Difference[] = [
  { op: 'sign', case: 'zeros, infinities and NaN', why: 'A sign of 0 would hide the NaN.',
    output: [-1, 0, 0, 1, 1, -1, nan] },
  { op: 'abs', case: 'zeros, infinities and NaN', why: 'The derivative of |x| is the sign of x, of NaN too.',
    gradients: [[-1, 0, 0, 4, 5, -6, nan]] },
  { op: 'clamp', case: 'NaN', why: 'NaN passes through, so its gradient does, as in relu (in PyTorch too).',
    gradients: [[1]] },
  { op: 'pow', case: 'NaN to 0',
    why: 'The slope is b · a^(b−1); a guard at b = 0 would hide how it changes with b.',
    gradients: [[nan], [nan]] },
  { op: 'pow', case: '2 to 0, twice',
    why: 'The slope b · a^(b−1) changes with b, by 1 / a at b = 0; PyTorch’s is cut to 0.',
    second: [[0.5], [0.5 + Math.LN2 ** 2], [Math.LN2]] },
  { op: 'prod', case: 'infinity, over all', why: noDivision, gradients: [[inf, 6, inf]] },
  { op: 'prod', case: 'infinity, over an axis', why: noDivision, gradients: [[inf, 6, inf]] },
  { op: 'cumprod', case: 'infinity', why: noDivision, gradients: [[inf, 22, inf]] },
  { op: 'softplus', case: 'at 20, where PyTorch stops computing it',
    why: 'It is computed everywhere; PyTorch takes x above 20, 2e-9 less. Its logaddexp agrees with hopgrad.',
    output: softplus.map((x) => x + Math.log1p(Math.exp(-x))),
    gradients: [softplus.map((x, i) => (i + 1) / (1 + Math.exp(-x)))] },
  { op: 'logSumExp', case: 'a row of −∞ alone', why: 'A sum over nothing has gradient 0; PyTorch’s is NaN.',
    gradients: [[0, 0, 2 / (1 + Math.E), 2 / (1 + 1 / Math.E)]] },
  { op: 'scaledDotProductAttention', case: 'a query that may read nothing',
    why: 'It is a padding row: it reads 0 and gives nobody a gradient. A softmax of −∞ alone is NaN.',
    output: [2, 0], gradients: [[0.5, 0], [0, 0], [0.5, 0.5]] },
  { op: 'max', case: 'ties over an axis, max', why: tiesShare, gradients: [[0.5, 0, 0.5, 0, 0, 2]] },
  { op: 'min', case: 'ties over an axis, min', why: tiesShare, gradients: [[0, 1, 0, 1, 1, 0]] },
  { op: 'max', case: 'NaN over all, amax', why: nanWins, gradients: [[0, 1 / 3, 0, 1 / 3, 1 / 3, 0, 0, 0, 0]] },
  { op: 'min', case: 'NaN over all, amin', why: nanWins, gradients: [[0, 1 / 3, 0, 1 / 3, 1 / 3, 0, 0, 0, 0]] },
  { op: 'max', case: 'NaN over an axis, amax', why: nanWins, gradients: [[0, 1, 0, 1, 1, 0, 0, 0, 3]] },
  { op: 'min', case: 'NaN over an axis, amin', why: nanWins, gradients: [[0, 1, 0, 1, 1, 0, 3, 0, 0]] },
  { op: 'max', case: 'NaN over an axis, max', why: oneNan, gradients: [[0, 1, 0, 1, 1, 0, 0, 0, 3]] },
  { op: 'min', case: 'NaN over an axis, min', why: oneNan, gradients: [[0, 1, 0, 1, 1, 0, 3, 0, 0]] },
  { op: 'variance', case: 'with a correction above the count',
    why: 'The value divides by 0, and so does the gradient; PyTorch’s divides by 2 − 3.',
    gradients: [[nan, nan]] },
  { op: 'variance', case: 'with infinity',
    why: 'The mean is ∞ and the value NaN, so every gradient through them is; PyTorch subtracts the mean from finite x.',
    gradients: [[nan, nan, nan]] },
  { op: 'topkValues', case: 'ties', why: firstOfEqual, gradients: [[2, 0, 3, 0, 1]] },
  { op: 'topkValues', case: 'NaN, the smallest', why: firstOfEqual, gradients: [[2, 4, 1, 0, 3]] },
  { op: 'crossEntropy', case: 'an ignored row of −∞ alone',
    why: 'An ignored row has gradient 0 whatever stands in it.',
    gradients: [[0, 0, 1 / (1 + Math.E), -1 / (1 + Math.E)]] },
  { op: 'dropout', case: 'of everything',
    why: 'What is dropped is 0, whatever it was; PyTorch computes 0 · ∞.',
    output: [0, 0] },
]; // biome-ignore format: a difference a paragraph

/** Numbers in the shapes of what PyTorch has. */
function stated(
  numbers: readonly (readonly number[])[] | undefined,
  like: readonly Tensor[],
): Tensor[] | null {
  return numbers ? like.map((x, i) => likeOf(x, (at) => numbers[i][at])) : null;
}

const table = new Map(ops);

test('every kink and every difference is of an op and a case that exist', () => {
  expect(goldens.filter(({ op }) => !table.has(op))).toEqual([]);
  const names = goldens.map((golden) => `${golden.op}: ${golden.case}`);
  expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([]);
  expect(differences.filter((row) => !names.includes(`${row.op}: ${row.case}`))).toEqual([]);
});

describe('hopgrad at a kink', () => {
  test.each(goldens)('$op: $case', (golden) => {
    const row = differences.find(({ op, case: name }) => op === golden.op && name === golden.case);
    const found = replay(table.get(golden.op) as AnyOp, golden);
    const [output] = stated(row?.output && [row.output], [golden.output]) ?? [golden.output];
    const gradients = stated(row?.gradients, golden.gradients ?? []) ?? golden.gradients;
    const second = stated(row?.second, golden.second ?? []) ?? golden.second;
    expectNear(found.output, output, bounds.value, 'value');
    expect(found.output.requiresGrad).toBe(golden.gradients !== undefined);
    expectAllNear(found.gradients, gradients, bounds.gradient, 'gradient');
    expectAllNear(found.recorded, gradients, bounds.gradient, 'recorded gradient');
    expectAllNear(found.second, second, bounds.second, 'second derivative');
  });
});

describe('PyTorch differs', () => {
  test.each(differences)('$op: $case', (row) => {
    const golden = goldens.find(({ op, case: name }) => op === row.op && name === row.case) as Golden;
    const differs = (numbers: Difference['gradients'], recorded: readonly Tensor[] = []): boolean =>
      stated(numbers, recorded)?.some((x, i) => difference(x, recorded[i], 1e-11) !== null) ?? true;
    expect(row.output ?? row.gradients ?? row.second, 'the row states something').toBeDefined();
    expect(differs(row.output && [row.output], [golden.output]), 'value').toBe(true);
    expect(differs(row.gradients, golden.gradients), 'gradient').toBe(true);
    expect(differs(row.second, golden.second), 'second derivative').toBe(true);
  });
});

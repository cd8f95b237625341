/**
 * Can the gradient check fail? Each op below has two backwards, the right one and one with a deliberate mistake of a
 * kind that is made in practice. The check must pass the one and find the other: a check that cannot fail proves nothing.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { customOp } from '../../src/autograd/custom-op.ts';
import { gradcheck, gradients, ones, Random, randn, type Tensor, tensor, zeros } from '../../src/index.ts';
import { defineOp, type Op } from '../../src/ops/define.ts';
import { anyTensor } from '../../src/ops/domains.ts';
import { largest, leafOf, normalLike, numbersOf } from './derivatives.ts';
import { drawGraph, type Graph } from './graphs.ts';
import { backwardIsTransposed, gradientPointsAlongSlope, gradientsAreSlopes, type Law } from './laws.ts';
import { forgetful, type Mistake, mistakes, swapped, withMistake } from './mistakes.ts';
import { type AnyOp, drawCase } from './op-case.ts';
import { obeys } from './op-laws.ts';
import { differentiable } from './op-list.ts';
import { holds } from './runs.ts';

type Gradients = readonly (Tensor | null)[];

interface Control {
  mistake: string;
  shapes: number[][];
  forward: (...inputs: Tensor[]) => Tensor;
  right: (g: Tensor, inputs: readonly Tensor[], y: Tensor) => Gradients;
  wrong: (g: Tensor, inputs: readonly Tensor[], y: Tensor) => Gradients;
  /** The order of derivatives at which the mistake shows. Default 1. */
  order?: number;
}

const index = tensor([1, 0, 1], { dtype: 'int32' });

const controls: Control[] = [
  {
    mistake: 'a sign: sub hands g to both operands',
    shapes: [
      [2, 3],
      [2, 3],
    ],
    forward: (a, b) => a.sub(b),
    right: (g) => [g, g.neg()],
    wrong: (g) => [g, g],
  },
  {
    mistake: 'a factor: square without its 2',
    shapes: [[4]],
    forward: (x) => x.square(),
    right: (g, [x]) => [g.mul(x).mul(2)],
    wrong: (g, [x]) => [g.mul(x)],
  },
  {
    mistake: 'a power that is always taken for the second',
    shapes: [[4]],
    forward: (x) => x.mul(x).mul(x),
    right: (g, [x]) => [g.mul(x.square()).mul(3)],
    wrong: (g, [x]) => [g.mul(x).mul(2)],
  },
  {
    mistake: 'operands swapped: each factor of mul gets itself',
    shapes: [[3], [3]],
    forward: (a, b) => a.mul(b),
    right: (g, [a, b]) => [g.mul(b), g.mul(a)],
    wrong: (g, [a, b]) => [g.mul(a), g.mul(b)],
  },
  {
    mistake: 'an operand forgotten: no gradient for the divisor',
    shapes: [[3], [3]],
    forward: (a, b) => a.div(b.square().add(1)),
    right: (g, [a, b]) => {
      const slope = b.square().add(1);
      return [g.div(slope), g.mul(a).mul(b).mul(-2).div(slope.square())];
    },
    wrong: (g, [, b]) => [g.div(b.square().add(1)), null],
  },
  {
    mistake: 'a stretched row gets the mean of its gradients in place of the sum',
    shapes: [[2, 3], [3]],
    forward: (a, b) => a.add(b),
    right: (g) => [g, g.sum(0)],
    wrong: (g) => [g, g.mean(0)],
  },
  {
    mistake: 'a sum over axis 1 spread over axis 0, which no shape betrays on a square matrix',
    shapes: [[3, 3]],
    forward: (x) => x.sum(1),
    right: (g) => [g.unsqueeze(1).expand([3, 3])],
    wrong: (g) => [g.unsqueeze(0).expand([3, 3])],
  },
  {
    mistake: 'a mean that forgets to divide',
    shapes: [[5]],
    forward: (x) => x.mean(),
    right: (g) => [g.expand([5]).div(5)],
    wrong: (g) => [g.expand([5])],
  },
  {
    mistake: 'a permutation in place of its inverse',
    shapes: [[2, 2, 2]],
    forward: (x) => x.permute([1, 2, 0]),
    right: (g) => [g.permute([2, 0, 1])],
    wrong: (g) => [g.permute([1, 2, 0])],
  },
  {
    mistake: 'a reshape in place of a transpose',
    shapes: [[2, 3]],
    forward: (x) => x.transpose(),
    right: (g) => [g.transpose()],
    wrong: (g) => [g.reshape([2, 3])],
  },
  {
    mistake: 'a matrix product whose second gradient is transposed',
    shapes: [
      [3, 3],
      [3, 3],
    ],
    forward: (a, b) => a.matmul(b),
    right: (g, [a, b]) => [g.matmul(b.transpose()), a.transpose().matmul(g)],
    wrong: (g, [a, b]) => [g.matmul(b.transpose()), g.transpose().matmul(a)],
  },
  {
    mistake: 'a slice whose gradient is put one place too early',
    shapes: [[4]],
    forward: (x) => x.slice(0, 1, 3),
    right: (g) => [g.placeSlice([4], 0, 1)],
    wrong: (g) => [g.placeSlice([4], 0, 0)],
  },
  {
    mistake: 'rows gathered twice whose gradients overwrite each other',
    shapes: [[2, 2]],
    forward: (x) => x.gatherRows(index),
    right: (g) => [g.scatterAddRows(index, 2)],
    wrong: (g) => [g.slice(0, 1, 3)],
  },
  {
    mistake: 'a relu with a slope where it should be flat',
    shapes: [[8]],
    forward: (x) => x.relu(),
    right: (g, [x]) => [x.gt(0).where(g, 0)],
    wrong: (g, [x]) => [x.gt(0).where(g, g.mul(0.001))],
  },
  {
    mistake: 'a softmax without the term that its sum contributes',
    shapes: [[2, 3]],
    forward: (x) => x.softmax(-1),
    right: (g, _, y) => [y.mul(g.sub(g.mul(y).sum(-1, { keepDim: true })))],
    wrong: (g, _, y) => [y.mul(g)],
  },
  {
    mistake: 'a centring that forgets that the mean depends on every element',
    shapes: [[2, 4]],
    forward: (x) => x.sub(x.mean(-1, { keepDim: true })),
    right: (g) => [g.sub(g.mean(-1, { keepDim: true }))],
    wrong: (g) => [g],
  },
  {
    mistake: 'a right gradient that does not remember that it depends on x',
    shapes: [[3]],
    forward: (x) => x.square(),
    right: (g, [x]) => [g.mul(x).mul(2)],
    wrong: (g, [x]) => [g.mul(x.detach()).mul(2)],
    order: 2,
  },
];

function messageOf(attempt: () => void): string {
  try {
    attempt();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

/** Whether a mistake can be made in an op, and whether the property of gradients.test.ts finds it. */
function tryToMake(mistake: Omit<Mistake, 'impossible'>, op: AnyOp): { made: boolean; found: boolean } {
  let made = false;
  const { failed } = fc.check(
    fc.property(fc.gen(), (g) => {
      const right = drawCase(op, g, mistake.drawing);
      const wrong = withMistake(right, mistake, () => {
        made = true;
      });
      obeys(gradientsAreSlopes, wrong, g);
    }),
    { numRuns: 40, seed: 7, endOnFailure: true },
  );
  return { made, found: failed };
}

function breaks(law: Law, { f, leaves }: Graph): boolean {
  try {
    law(f, leaves, 1);
    return false;
  } catch {
    return true;
  }
}

/** Whether the op has a second derivative somewhere. */
function isBent(op: AnyOp): boolean {
  return fc.sample(fc.gen(), { numRuns: 20, seed: 5 }).some((g) => {
    const { f, leaves } = drawCase(op, g);
    const inputs = leaves.map(leafOf);
    const y = f(...inputs);
    if (!y.requiresGrad) return false;
    const random = new Random(1);
    const slope = gradients(y, inputs, { gradient: normalLike(y, random), createGraph: true })
      .map((part) => part.mul(normalLike(part, random)).sum())
      .reduce((sum, part) => sum.add(part));
    return slope.requiresGrad && gradients(slope, inputs).some((part) => largest(numbersOf(part)) > 1e-2);
  });
}

function inputsFor({ shapes }: Control): Tensor[] {
  const random = new Random(11);
  return shapes.map((shape) => randn(shape, random, { dtype: 'float64' }));
}

function withBackward(control: Control, backward: Control['right']): (...inputs: Tensor[]) => Tensor {
  return customOp({
    name: 'control',
    forward: control.forward,
    backward: (g, { inputs, output }) => backward(g, inputs, output),
  });
}

describe('the gradient check finds', () => {
  test.each(controls)('$mistake', (control) => {
    const inputs = inputsFor(control);
    const order = control.order ?? 1;
    const good = gradcheck(withBackward(control, control.right), inputs, { order: 2 });
    expect(good.message).toContain('right');
    const bad = gradcheck(withBackward(control, control.wrong), inputs, { order });
    expect(bad.passed).toBe(false);
    expect(bad.failures[0].order).toBe(order);
  });

  test('a mistake of one part in 100,000 in a single element', () => {
    const nearly = customOp({
      name: 'nearly',
      forward: (x) => x.mul(1),
      backward: (g) => [g.mul(tensor([1, 1, 1.00001, 1], { dtype: 'float64' }))],
    });
    const report = gradcheck(nearly, [ones([4], { dtype: 'float64' })]);
    expect(report.failures.map((failure) => failure.element)).toEqual([[2]]);
  });

  test('a gradient that is not a number', () => {
    const report = gradcheck((x) => x.sub(1).sqrt(), [ones([2], { dtype: 'float64' })]);
    expect(report.passed).toBe(false);
    expect(report.worst).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the properties find, for every op,', () => {
  describe.each(mistakes)('$name', (mistake) => {
    test.each(differentiable)('%s', (name, op) => {
      const possible = !mistake.impossible.includes(name);
      expect(tryToMake(mistake, op)).toEqual({ made: possible, found: possible });
    });
  });

  test('swapped operands, where there are two alike', () => {
    const outcomes = differentiable.map(([name, op]) => ({ name, ...tryToMake(swapped, op) }));
    const made = outcomes.filter((outcome) => outcome.made);
    expect(made.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['div', 'mul', 'pow', 'matmul', 'where', 'maximum', 'scatterRows', 'einsum']),
    );
    expect(made.filter(({ found }) => !found)).toEqual([]);
  });

  test(forgetful.name, () => {
    const bent = differentiable.filter(([, op]) => isBent(op));
    expect(bent.length).toBeGreaterThan(30);
    expect(bent.filter(([, op]) => !tryToMake(forgetful, op).found)).toEqual([]);
  });

  test('a wrong op in a graph of right ones', () => {
    const wrongMul: Op<[a: Tensor, b: Tensor]> = defineOp({
      name: 'wrongMul',
      doc: 'A product whose operands get their own value as gradient.',
      parse: (a: Tensor, b: Tensor) => ({ inputs: [a, b], options: {} }),
      shape: ([a]) => a.shape,
      forward: ([a, b]) => a.mul(b),
      backward: (g, { inputs: [a, b] }) => [g.mul(a), g.mul(b)],
      flops: ([a]) => a.size,
      domain: (draw) => {
        const shape = draw.shape({ minExtent: 1, maxRank: 2 });
        return [draw.tensor(shape), draw.tensor(shape)];
      },
    });
    const vocabulary = [['wrongMul', wrongMul], ...differentiable] as const;
    const share = (found: (graph: Graph) => boolean): number => {
      const graphs = fc.sample(fc.gen(), { numRuns: 1000, seed: 6 }).map((g) => drawGraph(g, vocabulary));
      const affected = graphs.filter(({ names }) => names.includes('wrongMul'));
      return affected.filter(found).length / affected.length;
    };
    // The others lead on through ops that are flat, cut the product off, or squeeze it to nothing.
    expect(share((graph) => breaks(gradientPointsAlongSlope, graph))).toBeGreaterThan(0.6);
    // Backward against backward finds nothing: only the function itself knows its slope.
    expect(share((graph) => breaks(backwardIsTransposed, graph))).toBe(0);
  });
});

test('a counterexample is small, and can be pasted', () => {
  const wrongNeg: Op<[x: Tensor]> = defineOp({
    name: 'wrongNeg',
    doc: 'The negative of x, with the gradient of x.',
    parse: (x: Tensor) => ({ inputs: [x], options: {} }),
    shape: ([x]) => x.shape,
    forward: ([x]) => x.neg(),
    backward: (g) => [g],
    flops: ([x]) => x.size,
    domain: anyTensor(),
  });
  const failure = messageOf(() =>
    holds('wrongNeg', (g) => obeys(gradientsAreSlopes, drawCase(wrongNeg, g), g)),
  );
  const [headline, finding, ...code] = failure.split('\n');
  expect(headline).toMatch(
    /^wrongNeg: does not hold \(try \d+, seed -?\d+, path [\d:]+; repeat with HOPGRAD_SEED=\S+ HOPGRAD_PATH=\S+\)$/,
  );
  expect(finding).toMatch(
    /^gradcheck: function on \(.*\): \d+ wrong; first at order 1, input 0, element \[.*\]: analytic/,
  );
  // Repeated from its report, it is found again and shrunk to the same example.
  const [, seed, path] = headline.match(/HOPGRAD_SEED=(\S+) HOPGRAD_PATH=(\d+)\)/) ?? [];
  const again = fc.check(
    fc.property(fc.gen(), (g) => obeys(gradientsAreSlopes, drawCase(wrongNeg, g), g)),
    { seed: Number(seed), path },
  );
  expect((again.errorInstance as Error).message).toBe([finding, ...code].join('\n'));
  let message = '';
  let leaves: readonly Tensor[] = [];
  const names = {
    wrongNeg,
    tensor,
    zeros,
    expect,
    gradientsAreSlopes: (...args: Parameters<Law>) => {
      leaves = args[1];
      message = messageOf(() => gradientsAreSlopes(...args));
    },
  };
  const pasted = new Function('test', ...Object.keys(names), code.join('\n'));
  pasted((_: string, body: () => void) => body(), ...Object.values(names));
  expect(message).toBe(finding);
  // Shrinking has left little: one number is enough to be wrong.
  expect(leaves[0].size).toBeLessThanOrEqual(4);
});

describe('why the cotangent is random: the sum of the outputs hides mistakes', () => {
  test.each(['a permutation in place', 'a softmax', 'a reshape'])('%s', (start) => {
    const control = controls.find(({ mistake }) => mistake.startsWith(start)) as Control;
    const slopes = [control.right, control.wrong].map((backward) => {
      const x = leafOf(inputsFor(control)[0]);
      const y = withBackward(control, backward)(x);
      return numbersOf(gradients(y.sum(), [x])[0]);
    });
    // Σ softmax(x) is constant, so its true gradient is 0; for the others both are all ones.
    if (start === 'a softmax') expect(Math.max(...slopes[0].map(Math.abs))).toBeLessThan(1e-15);
    else expect(slopes[1]).toEqual(slopes[0]);
  });
});

test('a gradient of the wrong shape is refused before it can spread', () => {
  const stretched: Control = {
    mistake: 'no sum over the stretched axis',
    shapes: [[2, 3], [3]],
    forward: (a, b) => a.add(b),
    right: (g) => [g, g.sum(0)],
    wrong: (g) => [g, g],
  };
  expect(() =>
    gradcheck(withBackward(stretched, stretched.wrong), inputsFor(stretched)),
  ).toThrowErrorMatchingInlineSnapshot(
    `[OpError: control: backward gave a gradient (2, 3) for input 1, which is (3); an input that was stretched takes the sum over the axes along which it was.]`,
  );
});

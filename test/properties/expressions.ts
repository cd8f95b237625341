/**
 * Random expressions: small programs over tensors in which later lines use any earlier ones, so that values are shared
 * and gradients meet. Every operation keeps numbers between −1 and 1 (nearly) where they were, so that slopes stay
 * moderate however deep the program is.
 */
import type fc from 'fast-check';
import { Random, randn, type Tensor } from '../../src/index.ts';
import { broadcastShapes } from '../../src/tensor/shape.ts';
import { Drawing } from './draw.ts';
import { tensorCode } from './paste.ts';

/** One kind of line. */
interface Operation {
  readonly operands: number;
  /** Whether it is defined on tensors of these shapes; default: always. */
  readonly fits?: (...shapes: (readonly number[])[]) => boolean;
  readonly apply: (...operands: Tensor[]) => Tensor;
}

export type Vocabulary = Readonly<Record<string, Operation>>;

function broadcasts(...shapes: (readonly number[])[]): boolean {
  try {
    return broadcastShapes('test', shapes).reduce((product, extent) => product * extent, 1) <= 64;
  } catch {
    return false;
  }
}

/** Smooth functions of one element. */
export const smooth: Vocabulary = {
  neg: { operands: 1, apply: (a) => a.neg() },
  tanh: { operands: 1, apply: (a) => a.tanh() },
  sigmoid: { operands: 1, apply: (a) => a.sigmoid() },
  bell: { operands: 1, apply: (a) => a.square().neg().exp() },
  root: { operands: 1, apply: (a) => a.square().add(1).sqrt().sub(0.5) },
  logarithm: { operands: 1, apply: (a) => a.square().add(1).log() },
  halve: { operands: 1, apply: (a) => a.mul(0.5) },
  turn: { operands: 1, apply: (a) => a.neg().add(0.5) },
  average: { operands: 2, fits: broadcasts, apply: (a, b) => a.add(b).mul(0.5) },
  difference: { operands: 2, fits: broadcasts, apply: (a, b) => a.sub(b).div(2) },
  product: { operands: 2, fits: broadcasts, apply: (a, b) => a.mul(b) },
  quotient: { operands: 2, fits: broadcasts, apply: (a, b) => a.div(b.square().add(1)) },
};

/** Pointwise functions with kinks and jumps. */
export const kinked: Vocabulary = {
  relu: { operands: 1, apply: (a) => a.relu() },
  choose: { operands: 3, fits: broadcasts, apply: (a, b, c) => a.gt(0.1).where(b, c) },
};

/** Views: they move numbers about. */
export const views: Vocabulary = {
  transpose: { operands: 1, fits: (a) => a.length > 1, apply: (a) => a.transpose() },
  flatten: { operands: 1, apply: (a) => a.reshape([-1]) },
  front: { operands: 1, fits: (a) => a[0] > 1, apply: (a) => a.slice(0, 0, a.shape[0] - 1) },
  stretch: { operands: 1, fits: (a) => a.length < 3, apply: (a) => a.expand([2, ...a.shape]) },
};

/** Reductions and products of matrices: they mix numbers. */
export const mixing: Vocabulary = {
  mean: { operands: 1, fits: (a) => a.length > 0, apply: (a) => a.mean(-1) },
  meanKept: { operands: 1, fits: (a) => a.length > 0, apply: (a) => a.mean(0, { keepDim: true }) },
  softmax: { operands: 1, fits: (a) => a.length > 0, apply: (a) => a.softmax(-1) },
  matmul: {
    operands: 2,
    fits: (a, b) => a.length === 2 && b.length > 1 && b.length < 4 && a[1] === b[b.length - 2],
    apply: (a, b) => a.matmul(b).div(a.shape[1]),
  },
  gram: {
    operands: 1,
    fits: (a) => a.length > 1,
    apply: (a) => a.matmul(a.transpose()).div(a.shape.at(-1) ?? 1),
  },
};

interface Line {
  readonly name: string;
  readonly apply: Operation['apply'];
  readonly operands: readonly number[];
}

export interface RandomExpression {
  readonly leaves: readonly Tensor[];
  /** Runs all lines; `visit` sees every result as soon as it is made. Returns the results that no line used. */
  readonly run: (leaves: readonly Tensor[], visit?: (result: Tensor) => void) => Tensor[];
  /** Σ w · result over the results that no line used, for fixed weights w: one number that depends on every line. */
  readonly total: (...leaves: Tensor[]) => Tensor;
  readonly code: string;
}

export interface ExpressionOptions {
  vocabulary: Vocabulary;
  /** Default 12. */
  maxLines?: number;
  /** How many lines may stand above one another. Default 6. */
  maxDepth?: number;
}

/** Draws leaves between −1 and 1 and a program over them. */
export function drawExpression(
  g: fc.GeneratorValue,
  { vocabulary, maxLines = 12, maxDepth = 6 }: ExpressionOptions,
): RandomExpression {
  const drawing = new Drawing(g, { contiguous: true });
  const [n, m] = [drawing.integer(1, 3), drawing.integer(1, 3)];
  const leaves = [[n, m], [m], [n, 1], [m, n]].map((shape) => drawing.tensor(shape, { min: -1, max: 1 }));
  const shapes = leaves.map((leaf) => leaf.shape);
  const depths = leaves.map(() => 0);
  const names = Object.keys(vocabulary);
  const lines: Line[] = [];
  const count = drawing.integer(1, maxLines);
  for (let i = 0; i < count; i++) {
    const name = drawing.pick(names);
    const { operands, fits, apply } = vocabulary[name];
    const chosen = Array.from({ length: operands }, () => drawing.integer(0, shapes.length - 1));
    const depth = 1 + Math.max(...chosen.map((at) => depths[at]));
    if (depth > maxDepth || (fits && !fits(...chosen.map((at) => shapes[at])))) continue;
    lines.push({ name, apply, operands: chosen });
    depths.push(depth);
    shapes.push(runLines(lines, leaves)[shapes.length].shape);
  }
  const used = new Set(lines.flatMap((line) => line.operands));
  const run: RandomExpression['run'] = (given, visit) =>
    runLines(lines, given, visit).filter((_, i) => i >= leaves.length && !used.has(i));
  const total = (...given: Tensor[]): Tensor =>
    run(given)
      .map((result, i) =>
        result.mul(randn(result.shape, new Random(i), { dtype: 'float64', device: result.device })).sum(),
      )
      .reduce((sum, part) => sum.add(part), given[0].sum().mul(0.1));
  const code = [
    ...leaves.map((leaf, i) => `  x${i} = ${tensorCode(leaf)}`),
    ...lines.map(
      ({ name, operands }, i) =>
        `  x${leaves.length + i} = ${name}(${operands.map((at) => `x${at}`).join(', ')})`,
    ),
  ];
  return { leaves, run, total, code: code.join('\n') };
}

function runLines(
  lines: readonly Line[],
  leaves: readonly Tensor[],
  visit: (result: Tensor) => void = () => {},
): Tensor[] {
  const values = [...leaves];
  for (const { apply, operands } of lines) {
    const result = apply(...operands.map((at) => values[at]));
    visit(result);
    values.push(result);
  }
  return values;
}

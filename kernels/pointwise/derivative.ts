/**
 * Symbolic derivatives of pointwise expressions. The derivative of an expression is again an expression, so gradients
 * of gradients come for free, to any order, and fuse like everything else.
 *
 * Conventions at kinks are PyTorch's: |x|' = 0 at 0, ties of maximum and minimum share the gradient evenly,
 * comparisons and sign are flat, and x^y has derivative 0 in y where x = 0 and y ≥ 0. test/goldens/kinks.test.ts holds
 * every op to them, and lists where hopgrad differs and why.
 */
import { constant, type Expression, type Primitive } from './expression.ts';

const zero = constant(0);
const one = constant(1);

/** Partial derivatives of y = fn(…args), one per argument. `select` is treated below, by branches. */
type Rule = (args: readonly Expression[], y: Expression) => readonly Expression[];

const rules: Record<Exclude<Primitive, 'select'>, Rule> = {
  add: () => [one, one],
  sub: () => [one, constant(-1)],
  mul: ([a, b]) => [b, a],
  div: ([, b], y) => [b.reciprocal(), y.div(b).neg()],
  pow: ([a, b], y) => [
    // Only 0^0 needs the guard: elsewhere it would hide, at b = 0, how this slope changes with b.
    a
      .equal(0)
      .mul(b.equal(0))
      .select(0, b.mul(a.pow(b.sub(1)))),
    a.equal(0).mul(b.greaterEqual(0)).select(0, y.mul(a.log())),
  ],
  maximum: ([a, b]) => [shareUnless(a.lessThan(b), a, b), shareUnless(b.lessThan(a), a, b)],
  minimum: ([a, b]) => [shareUnless(b.lessThan(a), a, b), shareUnless(a.lessThan(b), a, b)],
  lessThan: () => [zero, zero],
  lessEqual: () => [zero, zero],
  equal: () => [zero, zero],
  neg: () => [constant(-1)],
  abs: ([a]) => [a.sign()],
  sign: () => [zero],
  exp: (_, y) => [y],
  expm1: (_, y) => [y.add(1)],
  log: ([a]) => [a.reciprocal()],
  log1p: ([a]) => [a.add(1).reciprocal()],
  sqrt: (_, y) => [constant(0.5).div(y)],
  sin: ([a]) => [a.cos()],
  cos: ([a]) => [a.sin().neg()],
  tanh: (_, y) => [one.sub(y.square())],
  sigmoid: (_, y) => [y.mul(one.sub(y))],
  erf: ([a]) => [
    a
      .square()
      .neg()
      .exp()
      .mul(2 / Math.sqrt(Math.PI)),
  ],
};

/** The slope of one side of a maximum or minimum: 0 where it lost, ½ in a tie. Beside NaN nobody loses. */
function shareUnless(lost: Expression, a: Expression, b: Expression): Expression {
  return lost.select(0, a.equal(b).select(0.5, 1));
}

const memo = new Map<string, Expression>();

/** ∂root / ∂input(index). */
export function differentiate(root: Expression, index: number): Expression {
  const key = `${root.id}/${index}`;
  let derivative = memo.get(key);
  if (!derivative) {
    derivative = derive(root, index, new Map());
    memo.set(key, derivative);
  }
  return derivative;
}

function derive(node: Expression, index: number, done: Map<Expression, Expression>): Expression {
  const known = done.get(node);
  if (known) return known;
  let result: Expression;
  if (node.fn === 'input') result = node.value === index ? one : zero;
  else if (node.fn === 'parameter' || node.fn === 'constant') result = zero;
  else if (node.fn === 'select') {
    const [condition, a, b] = node.args;
    const da = derive(a, index, done);
    const db = derive(b, index, done);
    result = da === db ? da : condition.select(da, db);
  } else {
    const inner = node.args.map((arg) => derive(arg, index, done));
    const needed = inner.some((d) => d !== zero);
    const outer = needed ? rules[node.fn](node.args, node) : [];
    result = inner.reduce((sum, d, i) => (d === zero ? sum : plus(sum, times(outer[i], d))), zero);
  }
  done.set(node, result);
  return result;
}

/** a · b, leaving out structural zeros and ones (never a zero that is a value of the data). */
export function times(a: Expression, b: Expression): Expression {
  if (a === zero || b === zero) return zero;
  if (a === one) return b;
  if (b === one) return a;
  if (a.fn === 'constant' && a.value === -1) return b.neg();
  if (b.fn === 'constant' && b.value === -1) return a.neg();
  // Through a flat branch nothing passes, not even ∞ or NaN, of which a product with 0 would make NaN.
  if (hasFlatBranch(a)) return throughBranches(a, b);
  if (hasFlatBranch(b)) return throughBranches(b, a);
  return a.mul(b);
}

function hasFlatBranch({ fn, args }: Expression): boolean {
  return fn === 'select' && (args[1] === zero || args[2] === zero);
}

function throughBranches({ args: [condition, a, b] }: Expression, factor: Expression): Expression {
  return condition.select(times(a, factor), times(b, factor));
}

function plus(a: Expression, b: Expression): Expression {
  if (a === zero) return b;
  if (b === zero) return a;
  return a.add(b);
}

/** Whether an expression is the constant 0: no gradient flows. */
export function isZero(expression: Expression): boolean {
  return expression === zero;
}

/**
 * What backward must be whatever the op: a linear map of the cotangent, the transpose of the derivative, and for a
 * composed function the product of the parts (the chain rule).
 */
import { describe, test } from 'vitest';
import { gradcheck, Random } from '../../src/index.ts';
import {
  dot,
  jacobianVectorProduct,
  largest,
  normalLike,
  numbersOf,
  vectorJacobianProduct,
} from './derivatives.ts';
import { drawExpression, mixing, smooth, views } from './expressions.ts';
import { drawCase } from './op-case.ts';
import { differentiable } from './op-list.ts';
import { holds } from './runs.ts';

describe('backward is linear in the cotangent: backward(αu + βv) = α backward(u) + β backward(v)', () => {
  test.each(differentiable)('%s', (name, op) => {
    holds(name, (g) => {
      const { f, leaves, code } = drawCase(op, g);
      const y = f(...leaves);
      const random = new Random(1);
      const [u, v] = [normalLike(y, random), normalLike(y, random)];
      const [alpha, beta] = [0.75, -2.5];
      const together = vectorJacobianProduct(f, leaves, u.mul(alpha).add(v.mul(beta)));
      const fromU = vectorJacobianProduct(f, leaves, u);
      const fromV = vectorJacobianProduct(f, leaves, v);
      together.forEach((gradient, i) => {
        const apart = numbersOf(fromU[i].mul(alpha).add(fromV[i].mul(beta)));
        const error = largest(numbersOf(gradient).map((value, k) => value - apart[k]));
        if (!(error <= 1e-12 * Math.max(1, largest(apart)))) {
          throw new Error(`the gradients of input ${i} differ by ${error}\n${code}`);
        }
      });
    });
  });
});

describe('backward is the transpose of the derivative: w · (Jv) = (wᵀJ) · v', () => {
  test.each(differentiable)('%s', (name, op) => {
    holds(name, (g) => {
      const { f, leaves, code } = drawCase(op, g);
      const random = new Random(2);
      const w = normalLike(f(...leaves), random);
      const v = leaves.map((leaf) => normalLike(leaf, random));
      const forward = dot(w, jacobianVectorProduct(f, leaves, v));
      const parts = vectorJacobianProduct(f, leaves, w).map((gradient, i) => dot(gradient, v[i]));
      const reverse = parts.reduce((sum, part) => sum + part, 0);
      if (!(Math.abs(forward - reverse) <= 1e-11 * Math.max(1, largest(parts)))) {
        throw new Error(`w · (Jv) is ${forward}, (wᵀJ) · v is ${reverse}\n${code}`);
      }
    });
  });
});

describe('the chain rule', () => {
  const vocabulary = { ...smooth, ...views, ...mixing };

  test('gradients of random expressions of depth 6, shared values included, agree with finite differences', () => {
    holds(
      'chain rule',
      (g) => {
        const { leaves, total, code } = drawExpression(g, { vocabulary });
        const report = gradcheck(total, leaves, { order: 2, name: 'expression' });
        if (!report.passed) throw new Error(`${report.message}\n${code}`);
      },
      200,
    );
  });

  test('the derivative along a direction is the same forwards and backwards', () => {
    holds(
      'chain rule along a direction',
      (g) => {
        const { leaves, total, code } = drawExpression(g, { vocabulary });
        const random = new Random(3);
        const v = leaves.map((leaf) => normalLike(leaf, random));
        const forward = jacobianVectorProduct(total, leaves, v).item();
        const parts = vectorJacobianProduct(
          total,
          leaves,
          total(...leaves)
            .mul(0)
            .add(1),
        );
        const reverse = parts.reduce((sum, gradient, i) => sum + dot(gradient, v[i]), 0);
        if (!(Math.abs(forward - reverse) <= 1e-11 * Math.max(1, Math.abs(reverse)))) {
          throw new Error(`forwards ${forward}, backwards ${reverse}\n${code}`);
        }
      },
      200,
    );
  });
});

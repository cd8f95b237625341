/**
 * The chain rule: the gradient of a composed function is the product of its parts, however values are shared between
 * them. Graphs of up to eight ops above one another, over every differentiable op there is.
 */
import { describe, expect, test } from 'vitest';
import { numbersOf } from './derivatives.ts';
import { drawGraph } from './graphs.ts';
import {
  backwardIsLinear,
  backwardIsTransposed,
  gradientPointsAlongSlope,
  gradientsAreSlopes,
} from './laws.ts';
import { obeys } from './op-laws.ts';
import { differentiable } from './op-list.ts';
import { holds } from './runs.ts';

describe('on random graphs over all differentiable ops', () => {
  test('gradients, and gradients of gradients, agree with finite differences', () => {
    holds('graph', (g) => obeys(gradientsAreSlopes, drawGraph(g, differentiable, { maxCalls: 6 }), g), 150);
  });

  test('gradients agree with finite differences along a direction', () => {
    holds(
      'graph',
      (g) => obeys(gradientPointsAlongSlope, drawGraph(g, differentiable, { maxCalls: 14 }), g),
      300,
    );
  });

  test('backward is linear, and the transpose of the derivative by forward mode', () => {
    holds(
      'graph',
      (g) => {
        const graph = drawGraph(g, differentiable);
        obeys(backwardIsLinear, graph, g);
        obeys(backwardIsTransposed, graph, g);
      },
      200,
    );
  });

  test('values do not depend on when they are read, to the last bit', () => {
    holds(
      'graph',
      (g) => {
        const { values, leaves, code } = drawGraph(g, differentiable);
        const late = values(leaves).map(numbersOf);
        const atOnce = values(leaves, (result) => result.toTypedArray()).map(numbersOf);
        expect(late, code).toEqual(atOnce);
      },
      200,
    );
  });
});

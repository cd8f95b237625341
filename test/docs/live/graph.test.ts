/** The page's graph holds what the library computes, walked as the library walks. */
import { describe, expect, test } from 'vitest';
import { functions, parseExpression } from '../../../docs/.vitepress/theme/live/expression.ts';
import { buildGraph, checkLeaves, rules } from '../../../docs/.vitepress/theme/live/graph.ts';
import { layOut } from '../../../docs/.vitepress/theme/live/layered-layout.ts';

const PRESETS = [
  'tanh(a * b + c)',
  'a * a + a',
  'p = exp(a); q = exp(b); r = exp(c); p / (p + q + r)',
  's = sigmoid(w * x + b); -(y * log(s) + (1 - y) * log(1 - s))',
  'h = relu(w * x + b); h * v + x',
  'm = a * b; maximum(m, c) / sqrt(square(m) + 1) - gelu(c) ^ 2',
];
const values = { a: 0.7, b: -1.3, c: 0.4, w: 0.8, x: 1.1, y: 0.6, v: -0.5 };

describe('the graph of an expression', () => {
  test('tanh(a · b + c), by hand', () => {
    const graph = buildGraph(parseExpression('tanh(a * b + c)'), values);
    expect(graph.vertices.map(({ label }) => label)).toEqual(['a', 'b', 'mul', 'c', 'add', 'tanh']);
    const y = Math.tanh(0.7 * -1.3 + 0.4);
    expect(graph.vertices.at(-1)!.value).toBeCloseTo(y, 12);
    const gradient = new Map(graph.steps.map((step) => [graph.vertices[step.vertex].label, step.gradient]));
    expect(gradient.get('tanh')).toBe(1);
    expect(gradient.get('add')).toBeCloseTo(1 - y * y, 12);
    expect(gradient.get('a')).toBeCloseTo((1 - y * y) * -1.3, 12);
    expect(gradient.get('b')).toBeCloseTo((1 - y * y) * 0.7, 12);
    expect(gradient.get('c')).toBeCloseTo(1 - y * y, 12);
  });

  test.each(PRESETS)(
    '%s: every vertex comes after all that use it, and its gradient is the sum of their shares',
    (text) => {
      const { vertices, steps } = buildGraph(parseExpression(text), values);
      steps.forEach(({ vertex, gradient }, turn) => {
        const users = vertices.filter(({ inputs }) => inputs.includes(vertex));
        let sum = vertex === vertices.length - 1 ? 1 : 0;
        for (const user of users) {
          const step = steps.findIndex((one) => one.vertex === user.id);
          expect(step).toBeLessThan(turn);
          user.inputs.forEach((input, i) => {
            if (input === vertex) sum += steps[step].shares[i]!;
          });
        }
        expect(gradient).toBeCloseTo(sum, 12);
      });
    },
  );

  test.each(PRESETS)('%s: gradients agree with finite differences', (text) => {
    const expression = parseExpression(text);
    for (const { gradient, difference } of checkLeaves(expression, values, buildGraph(expression, values))) {
      expect(gradient).toBeCloseTo(difference, 7);
    }
  });

  test('constants get nothing; an expression of constants has no backward pass', () => {
    const { vertices, steps } = buildGraph(parseExpression('2 * a'), values);
    expect(steps.map(({ vertex }) => vertices[vertex].label)).toEqual(['mul', 'a']);
    expect(steps[0].shares).toEqual([null, 2]);
    expect(buildGraph(parseExpression('2 * 3'), values).steps).toEqual([]);
  });

  test('a leaf alone', () => {
    expect(buildGraph(parseExpression('a'), values).steps).toEqual([{ vertex: 0, gradient: 1, shares: [] }]);
  });

  test('every function has its rule in words', () => {
    expect(Object.keys(rules)).toEqual(expect.arrayContaining(Object.keys(functions)));
  });
});

describe('the layout', () => {
  test.each(PRESETS)('%s: edges lead to later layers, and nothing stands upon anything', (text) => {
    const { vertices } = buildGraph(parseExpression(text), values);
    const inputs = vertices.map((vertex) => vertex.inputs);
    const { vertices: places, edges, breadth, layers } = layOut(inputs);
    expect(edges).toHaveLength(inputs.flat().length);
    for (const { from, to, points } of edges) {
      expect(points[0]).toEqual(places[from]);
      expect(points.at(-1)).toEqual(places[to]);
      points.slice(1).forEach((point, i) => {
        expect(point.layer).toBe(points[i].layer + 1);
      });
    }
    places.forEach(({ layer, across }, i) => {
      expect(layer).toBeLessThan(layers);
      expect(across).toBeGreaterThanOrEqual(0.5 - 1e-9);
      expect(across).toBeLessThanOrEqual(breadth - 0.5 + 1e-9);
      places.slice(i + 1).forEach((other) => {
        if (other.layer === layer) expect(Math.abs(other.across - across)).toBeGreaterThanOrEqual(1 - 1e-9);
      });
    });
  });
});

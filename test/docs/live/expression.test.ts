/** Expressions are read as mathematics is, and mistakes are named with their place. */
import { describe, expect, test } from 'vitest';
import {
  type Expression,
  ExpressionError,
  leavesOf,
  parseExpression,
} from '../../../docs/.vitepress/theme/live/expression.ts';
import { evaluate } from '../../../docs/.vitepress/theme/live/graph.ts';

const values = { a: 1.5, b: -2, c: 0.25, x: 3 };
const { a, b, c, x } = values;

describe('values', () => {
  test.each<[string, number]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['8 - 3 - 2', 3],
    ['8 / 4 / 2', 1],
    ['-x ^ 2', -(x ** 2)],
    ['2 ^ 3 ^ 2', 2 ** 9],
    ['2 ^ -1', 0.5],
    ['2 ** x', 8],
    ['--a', a],
    ['a - -b', a + b],
    ['tanh(a * b + c)', Math.tanh(a * b + c)],
    ['maximum(a, b) * minimum(a, b)', a * b],
    ['pow(x, 2) + .5e1', x ** 2 + 5],
    ['s = exp(a); t = s + 1; s / t', Math.exp(a) / (Math.exp(a) + 1)],
    ['  log( x )\n', Math.log(x)],
  ])('%s', (text, expected) => {
    expect(evaluate(parseExpression(text), values)).toBeCloseTo(expected, 12);
  });

  test('a named value is one object, wherever it stands', () => {
    const product = parseExpression('s = a * b; s * s') as Expression & { kind: 'op' };
    expect(product.args[0]).toBe(product.args[1]);
    expect(product.args[0]).toMatchObject({ op: 'mul', name: 's' });
  });

  test('leaves, each once', () => {
    expect(leavesOf(parseExpression('x + a * x - exp(b)'))).toEqual(['a', 'b', 'x']);
  });
});

describe('mistakes', () => {
  test.each<[string, number, string]>([
    ['a +', 3, 'the text ends where a number'],
    ['', 0, 'the text ends'],
    ['a b', 2, '“b” does not fit'],
    ['(a + b', 6, 'before the “(” at character 1 is closed'],
    ['a + b)', 5, '“)” does not fit'],
    ['tan(a)', 0, 'there is no function tan'],
    ['constructor(a)', 0, 'there is no function constructor'],
    ['tanh(a, b)', 0, 'tanh takes one value, not 2'],
    ['pow(a)', 0, 'pow takes two values, not 1'],
    ['tanh + 1', 0, 'tanh is a function: write tanh(…)'],
    ['a $ b', 2, '“$” means nothing here'],
    ['s = a * b s', 10, '“;” is missing after the value of s'],
    ['s = a; s = b; s', 7, 's has a value already'],
    ['exp = a; exp', 0, 'exp is the name of a function'],
    ['a + 1 = 2', 6, 'only a name can stand before “=”'],
    ['a+b+c+d+e+f+g+h+i', 16, 'more than 8 different names'],
    ['-'.repeat(50) + 'a', 9, 'more than 40 operations'],
  ])('%s', (text, at, message) => {
    let error: unknown;
    try {
      parseExpression(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ExpressionError);
    expect((error as Error).message).toContain(message);
    expect((error as ExpressionError).at).toBe(at);
  });
});

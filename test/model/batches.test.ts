/** The rows of a batch are texts of their own: who stands beside, before or behind a text does not matter to it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromTypedArray, noGrad, type Tensor } from '../../src/index.ts';
import type { Execution } from '../../src/model/skip-layer.ts';
import { type ForwardResult, SkipTransformer } from '../../src/model/skip-transformer.ts';
import {
  anyConfig,
  anyRows,
  CONTEXT,
  causalInTraining,
  executions,
  float64Model,
  holdsFor,
  idsOf,
  routerNames,
  sameBits,
  someConfig,
  VOCABULARY,
} from './models.ts';

/** Whether a text's gates hang on the row in which it stands: chance alone has nothing else to tell rows apart by. */
const drawsByRow = (router: string): boolean => router === 'random';

/** Logits (T, V) and gates (T) in every layer, for row b and the first T tokens of a batch. */
function rowOf({ logits, routes }: ForwardResult, b: number, tokens: number): ArrayLike<number>[] {
  return [logits, ...routes.map(({ active }) => active)].map((x) =>
    x
      .slice(0, b, b + 1)
      .slice(1, 0, tokens)
      .toTypedArray(),
  );
}

function expectSameRow(found: ArrayLike<number>[], expected: ArrayLike<number>[]): void {
  expected.forEach((bits, i) => {
    expect(sameBits(found[i], bits), i === 0 ? 'logits' : `gates of layer ${i - 1}`).toBe(true);
  });
}

/** Forwards without noise, whose draws would hang on the row, and without gradients, so that every model may gather. */
function forwardOf(model: SkipTransformer, execution: Execution) {
  return (rows: readonly (readonly number[])[], valid: Tensor | null = null): ForwardResult =>
    noGrad(() => model.forward(idsOf(rows), { execution, valid }));
}

const cases = routerNames.flatMap((router) => executions.map((execution) => ({ router, execution })));

describe.each(cases)('with the router $router, $execution', ({ router, execution }) => {
  const example = fc.record({
    config: anyConfig({ router }),
    rows: anyRows({ minBatch: 2, maxBatch: 4 }),
    training: fc.boolean(),
  });

  test('a row alone is that row in a batch', () => {
    holdsFor(router, example, ({ config, rows, training }) => {
      const forward = forwardOf(new SkipTransformer(config).train(training), execution);
      const tokens = rows[0].length;
      const together = forward(rows);
      const alone = drawsByRow(router) ? [rows[0]] : rows;
      alone.forEach((row, b) => expectSameRow(rowOf(forward([row]), 0, tokens), rowOf(together, b, tokens)));
    });
  });

  if (!drawsByRow(router)) {
    test('another order of rows is another order of results', () => {
      const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
      holdsFor(router, fc.tuple(example, orders), ([{ config, rows, training }, order]) => {
        const forward = forwardOf(new SkipTransformer(config).train(training), execution);
        const tokens = rows[0].length;
        const from = order.filter((b) => b < rows.length);
        const [before, after] = [forward(rows), forward(from.map((b) => rows[b]))];
        from.forEach((b, place) => expectSameRow(rowOf(after, place, tokens), rowOf(before, b, tokens)));
      });
    });
  }

  test('padding on the right changes nothing before it, and the density counts tokens alone', () => {
    const text = fc.array(fc.nat(VOCABULARY - 1), { minLength: 1, maxLength: CONTEXT });
    const padded = fc.record({
      config: anyConfig({ router }),
      texts: fc.array(text, { minLength: 1, maxLength: 3 }),
      padding: fc.nat(VOCABULARY - 1),
      training: fc.boolean(),
    });
    holdsFor(router, padded, ({ config, texts, padding, training }) => {
      const model = float64Model(config);
      const forward = forwardOf(model.train(training && causalInTraining(model)), execution);
      const places = Array.from({ length: CONTEXT }, (_, t) => t);
      const rows = texts.map((tokens) => places.map((t) => tokens[t] ?? padding));
      const counts = texts.flatMap((tokens) => places.map((t) => Number(t < tokens.length)));
      const valid = fromTypedArray(Uint8Array.from(counts), [texts.length, CONTEXT, 1]);
      const together = forward(rows, valid);
      const alone = drawsByRow(router) ? [texts[0]] : texts;
      alone.forEach((tokens, b) => {
        expectSameRow(rowOf(together, b, tokens.length), rowOf(forward([tokens]), 0, tokens.length));
      });
      if (router === 'sigmoid' && model.training) return; // all run, and the density counts who would in evaluation
      for (const { active, density } of together.routes) {
        const ran = Array.from(active.toTypedArray()).filter((gate, i) => gate * counts[i] === 1).length;
        expect(density.item()).toBeCloseTo(ran / texts.flat().length, 12);
      }
    });
  });
});

test('a batch of nothing but padding has density 0', () => {
  const config = someConfig({ router: 'learned' });
  const none = fromTypedArray(new Uint8Array(4), [1, 4, 1]);
  const { routes, densityLoss } = new SkipTransformer(config).forward(idsOf([[0, 1, 2, 3]]), { valid: none });
  expect(routes.map(({ density }) => density.item())).toEqual(routes.map(() => 0));
  expect(Number.isFinite(densityLoss?.item())).toBe(true);
});

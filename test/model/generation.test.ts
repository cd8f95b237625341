/** Writing text token by token. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noGrad, Random, type Tensor } from '../../src/index.ts';
import { generate, sample } from '../../src/model/generate.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { chiSquare, chiSquareLimit } from '../routing/chi-square.ts';
import { anyConfig, CONTEXT, holdsFor, idsOf, routerNames, someConfig, VOCABULARY } from './models.ts';

test.each(routerNames)(
  'with the router %s, writes the tokens that the full forward would choose, one by one',
  (router) => {
    const prompts = fc.array(fc.nat(VOCABULARY - 1), { minLength: 1, maxLength: CONTEXT });
    holdsFor(router, fc.record({ config: anyConfig({ router }), prompt: prompts }), ({ config, prompt }) => {
      const model = new SkipTransformer(config).eval();
      const described = [...generate(model, prompt, { tokens: CONTEXT - prompt.length, temperature: 0 })];
      const text = [...prompt];
      noGrad(() => {
        while (text.length < CONTEXT) {
          const { logits } = model.forward(idsOf([text]));
          text.push(bestOf(logits));
        }
        expect(described.map(({ id }) => id)).toEqual(text);
        const ran = layersRun(model, text);
        expect(described.map(({ active }) => active)).toEqual(
          text.map((_, t) => ran.map((layer) => layer[t])),
        );
      });
    });
  },
);

test('past the context it starts over from its last half, and counts what that costs', () => {
  for (const router of routerNames) {
    const model = new SkipTransformer(someConfig({ router }, 2)).eval();
    const written = [...generate(model, [1, 2, 3], { tokens: 3 * CONTEXT, temperature: 0 })];
    expect(written).toHaveLength(3 + 3 * CONTEXT);
    // The rule by itself: a text that is full goes on from its last half, whose tokens are all read again.
    const text = [1, 2, 3];
    let window = [...text];
    let read = 0;
    for (const { id, active, flops } of written.slice(3)) {
      const { logits } = noGrad(() => model.forward(idsOf([window])));
      text.push(bestOf(logits));
      window.push(text[text.length - 1]);
      const startsOver = window.length > CONTEXT;
      if (startsOver) window = text.slice(-CONTEXT / 2);
      read = startsOver ? window.length : 1;
      const again = noGrad(() => model.forward(idsOf([window]), { caches: model.makeCaches(1) }));
      expect(id).toBe(text[text.length - 1]);
      expect(active).toEqual(layersRun(model, window).map((layer) => layer[window.length - 1]));
      if (startsOver) expect(flops.executed).toBeCloseTo(again.flops.executed * read, 6);
      if (startsOver) expect(flops.dense).toBeCloseTo(again.flops.dense * read, 6);
    }
  }
});

/** Per layer, whether each token of a text runs it; a dense model has no routes, and all run. */
function layersRun(model: SkipTransformer, text: readonly number[]): boolean[][] {
  const { routes } = noGrad(() => model.forward(idsOf([text])));
  return model.layers.map((_, layer) => {
    const gate = routes[layer]?.active.toTypedArray();
    return text.map((_, t) => gate === undefined || gate[t] === 1);
  });
}

/** The token that the last logits (1, T, V) choose. */
function bestOf(logits: Tensor): number {
  const last = logits.slice(1, logits.shape[1] - 1).toTypedArray();
  return last.indexOf(Math.max(...last));
}

describe('sampling draws a token with its probability', () => {
  const logits = Float64Array.of(1, -0.5, 0.25, 2, -1, 0);
  const likelihoods = (temperature: number, kept: (id: number) => boolean): number[] => {
    const weights = [...logits].map((x, id) => (kept(id) ? Math.exp(x / temperature) : 0));
    const total = weights.reduce((sum, weight) => sum + weight);
    return weights.map((weight) => weight / total);
  };

  // Probabilities at temperature 1 are, in order, of 3: .53, 0: .20, 2: .09, 5: .07, 1: .04, 4: .03 (in sum .97, rounded).
  test.each([
    ['as it is', 1, Infinity, 1, () => true],
    ['flattened by a temperature above 1', 2, Infinity, 1, () => true],
    ['sharpened by one below', 0.5, Infinity, 1, () => true],
    ['among the 3 likeliest', 1, 3, 1, (id: number) => [3, 0, 2].includes(id)],
    [
      'among the likeliest whose probabilities reach 0.7',
      1,
      Infinity,
      0.7,
      (id: number) => [3, 0].includes(id),
    ],
  ])('%s', (_, temperature, topK, topP, kept) => {
    const draws = 20_000;
    const random = new Random(13);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < draws; i++) counts[sample(logits, temperature, topK, topP, random.fork(i))]++;
    const expected = likelihoods(temperature, kept).map((likelihood) => likelihood * draws);
    const possible = expected.flatMap((count, id) => (count > 0 ? [id] : []));
    expect(counts.filter((_count, id) => !possible.includes(id))).toEqual(expected.filter((x) => x === 0));
    const of = (list: number[]): number[] => possible.map((id) => list[id]);
    expect(chiSquare(of(counts), of(expected))).toBeLessThan(chiSquareLimit(possible.length - 1));
  });
});

test('a temperature of 0 takes the likeliest token, of equals the first, whatever the other settings', () => {
  const logits = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 20 });
  const example = fc.record({ logits, topK: fc.integer({ min: 1, max: 5 }), topP: fc.constantFrom(0.1, 1) });
  holdsFor('greedy', example, ({ logits, topK, topP }) => {
    const first = logits.map((logit, id) => ({ logit, id })).sort((a, b) => b.logit - a.logit)[0].id; // stable
    expect(sample(Float64Array.from(logits), 0, topK, topP, new Random(0))).toBe(first);
  });
});

test('choosing among very many tokens does not run out of stack', () => {
  const logits = new Float64Array(300_000);
  logits[123_456] = 1;
  expect(sample(logits, 0, Infinity, 1, new Random(0))).toBe(123_456);
});

test('every token is drawn anew', () => {
  // Equal logits: were every draw the same, the text would be one token.
  const model = new SkipTransformer(someConfig({}, 3));
  model.head.weight.assign(model.head.weight.mul(0));
  const ids = [...generate(model, [1], { tokens: 20, seed: 3 })].slice(1).map(({ id }) => id);
  expect(new Set(ids).size).toBeGreaterThan(5);
});

test('is the same for the same seed, and another for another', () => {
  const model = new SkipTransformer(someConfig({}, 4));
  const write = (seed: number): number[] =>
    [...generate(model, [1], { tokens: 20, seed, topK: 5, topP: 0.9 })].map(({ id }) => id);
  expect(write(7)).toEqual(write(7));
  expect(write(7)).not.toEqual(write(8));
});

test('leaves a model in the mode it was in', () => {
  for (const training of [true, false]) {
    const model = new SkipTransformer(someConfig()).train(training);
    expect([...generate(model, [1], { tokens: 2 })]).toHaveLength(3);
    expect(model.training).toBe(training);
  }
});

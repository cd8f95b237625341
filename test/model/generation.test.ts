/** Writing text token by token. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noGrad } from '../../src/index.ts';
import { generate } from '../../src/model/generate.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
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
          text.push(
            logits
              .slice(1, text.length - 1)
              .reshape([VOCABULARY])
              .argmax()
              .item(),
          );
        }
        expect(described.map(({ id }) => id)).toEqual(text);
        const gates = model.forward(idsOf([text])).routes.map(({ active }) => active.toTypedArray());
        expect(described.map(({ active }) => active)).toEqual(
          text.map((_, t) => gates.map((gate) => gate[t] === 1)),
        );
      });
    });
  },
);

test('goes on past the context by starting over from its last half', () => {
  const config = someConfig({ router: 'learned' }, 2);
  const model = new SkipTransformer(config);
  const tokens = [...generate(model, [1, 2, 3], { tokens: 3 * CONTEXT, seed: 5 })];
  expect(tokens).toHaveLength(3 + 3 * CONTEXT);
  expect(
    tokens.every(({ id, active }) => id >= 0 && id < VOCABULARY && active.length === config.layers),
  ).toBe(true);
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

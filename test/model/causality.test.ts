/** A language model may not look ahead: not in its logits, and not in its decisions to skip. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromTypedArray, noGrad, type Tensor } from '../../src/index.ts';
import { generate } from '../../src/model/generate.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { anyConfig, anyText, CONTEXT, sameBits, VOCABULARY } from './models.ts';

describe('changing a token', () => {
  for (const execution of ['masked', 'gathered'] as const) {
    test(`never changes an earlier logit or gate (${execution})`, () => {
      fc.assert(
        fc.property(
          anyConfig(),
          anyText(),
          fc.nat(),
          fc.integer({ min: 1, max: VOCABULARY - 1 }),
          (config, ids, at, shift) => {
            const model = new SkipTransformer(config).eval();
            const [batch, tokens] = ids.shape;
            const position = at % tokens;
            const changed = ids.toTypedArray();
            for (let b = 0; b < batch; b++)
              changed[b * tokens + position] = (changed[b * tokens + position] + shift) % VOCABULARY;
            const before = model.forward(ids, { execution });
            const after = model.forward(fromTypedArray(changed, [batch, tokens]), { execution });
            const earlier = (x: typeof ids): ArrayLike<number> => x.slice(1, 0, position).toTypedArray();
            expect(sameBits(earlier(before.logits), earlier(after.logits))).toBe(true);
            before.routes.forEach((route, layer) => {
              expect(sameBits(earlier(route.active), earlier(after.routes[layer].active))).toBe(true);
            });
          },
        ),
        { numRuns: 40 },
      );
    });
  }

  test('does change its own logits: the property above can fail', () => {
    const config = fc.sample(anyConfig(), { numRuns: 1, seed: 1 })[0];
    const model = new SkipTransformer(config).eval();
    const logits = (id: number): ArrayLike<number> =>
      model.forward(fromTypedArray(Int32Array.of(1, id), [1, 2])).logits.toTypedArray();
    expect(sameBits(logits(2), logits(3))).toBe(false);
  });
});

describe('generating from a cache', () => {
  test('agrees with reading the whole text at once: logits, gates and greedy tokens', () => {
    fc.assert(
      fc.property(anyConfig(), anyText(1), fc.nat(), (config, ids, cut) => {
        const model = new SkipTransformer(config).eval();
        const tokens = ids.shape[1];
        const first = 1 + (cut % (tokens - 1));
        noGrad(() => {
          const whole = model.forward(ids);
          const caches = model.makeCaches(1);
          const parts = [model.forward(ids.slice(1, 0, first), { caches })];
          for (let t = first; t < tokens; t++) parts.push(model.forward(ids.slice(1, t, t + 1), { caches }));
          const logits = parts.flatMap((part) => Array.from(part.logits.toTypedArray()));
          Array.from(whole.logits.toTypedArray()).forEach((value, i) => {
            expect(Math.abs(value - logits[i])).toBeLessThan(1e-4);
          });
          whole.routes.forEach((route, layer) => {
            const gates = parts.flatMap((part) => Array.from(part.routes[layer].active.toTypedArray()));
            expect(gates).toEqual(Array.from(route.active.toTypedArray()));
          });
        });
      }),
      { numRuns: 60 },
    );
  });

  test('writes the tokens that the full forward would choose, one by one', () => {
    fc.assert(
      fc.property(anyConfig(), fc.integer({ min: 0, max: VOCABULARY - 1 }), (config, start) => {
        const model = new SkipTransformer(config).eval();
        const written = [...generate(model, [start], { tokens: CONTEXT - 1, temperature: 0 })].map(
          ({ id }) => id,
        );
        const text = [start];
        while (text.length < CONTEXT) {
          const { logits } = noGrad(() =>
            model.forward(fromTypedArray(Int32Array.from(text), [1, text.length])),
          );
          text.push(
            logits
              .slice(1, text.length - 1)
              .reshape([VOCABULARY])
              .argmax()
              .item(),
          );
        }
        expect(written).toEqual(text);
      }),
      { numRuns: 30 },
    );
  });

  test('goes on past the context by starting over from its last half', () => {
    const config = fc.sample(anyConfig(), { numRuns: 1, seed: 2 })[0];
    const model = new SkipTransformer(config);
    const tokens = [...generate(model, [1, 2, 3], { tokens: 3 * CONTEXT, seed: 5 })];
    expect(tokens).toHaveLength(3 + 3 * CONTEXT);
    expect(
      tokens.every(({ id, active }) => id >= 0 && id < VOCABULARY && active.length === config.layers),
    ).toBe(true);
  });

  test('is the same for the same seed, and refuses an empty prompt', () => {
    const model = new SkipTransformer(fc.sample(anyConfig(), { numRuns: 1, seed: 4 })[0]);
    const write = (seed: number): number[] =>
      [...generate(model, [1], { tokens: 20, seed, topK: 5, topP: 0.9 })].map(({ id }) => id);
    expect(write(7)).toEqual(write(7));
    expect(write(7)).not.toEqual(write(8));
    expect(() => [...generate(model, [], { tokens: 1 })]).toThrow(/prompt is empty/);
  });
});

describe('the rows of a batch', () => {
  test('do not see one another', () => {
    fc.assert(
      fc.property(anyConfig({ router: 'learned' }), anyText(3), (config, ids) => {
        const model = new SkipTransformer(config).eval();
        const together = model.forward(ids).logits;
        for (let b = 0; b < ids.shape[0]; b++) {
          const alone = model.forward(ids.slice(0, b, b + 1)).logits;
          expect(sameBits(alone.toTypedArray(), together.slice(0, b, b + 1).toTypedArray())).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('calls that cannot mean anything', () => {
  const model = new SkipTransformer(fc.sample(anyConfig(), { numRuns: 1, seed: 6 })[0]);
  const ids = (batch: number, tokens: number): Tensor =>
    fromTypedArray(new Int32Array(batch * tokens), [batch, tokens]);
  const mask = fromTypedArray(new Uint8Array(4).fill(1), [1, 4]);

  test.each([
    [
      'a mask without its last axis',
      () => model.forward(ids(1, 4), { valid: mask }),
      'valid must be (B, T, 1), (1, 4, 1), not (1, 4)',
    ],
    ['no tokens', () => model.forward(ids(0, 4)), 'of at least one token, not int32 (0, 4)'],
    [
      'lists',
      () => model.forward([[1, 2]] as never),
      'takes ids (B, T) int32 of at least one token, not object',
    ],
    ['too few caches', () => noGrad(() => model.forward(ids(1, 2), { caches: [] })), '0 caches do not fit'],
    [
      'a cache for another batch',
      () => noGrad(() => model.forward(ids(2, 2), { caches: model.makeCaches(1) })),
      '2 texts do not fit a cache for 1; make one with makeCaches(2)',
    ],
    [
      'gradients through a cache',
      () => model.forward(ids(1, 2), { caches: model.makeCaches(1) }),
      'no gradient flows through a cache; read from one inside noGrad',
    ],
    [
      'temperature 0 in training',
      () => model.forward(ids(1, 2), { temperature: 0 }),
      'temperature 0 must be above 0',
    ],
    [
      'text for a prompt',
      () => [...generate(model, 'hello' as never, { tokens: 1 })],
      'the prompt holds "h", which is no token',
    ],
    [
      'an unknown token',
      () => [...generate(model, [VOCABULARY], { tokens: 1 })],
      `the prompt holds ${VOCABULARY}, which is no token`,
    ],
    [
      'no number of tokens',
      () => [...generate(model, [1], {} as never)],
      'tokens must be a whole number from 0 up, not undefined',
    ],
  ])('%s: refused in one line', (_, call, message) => {
    expect(call).toThrow(message);
  });

  test('generating leaves a model in the mode it was in', () => {
    model.train();
    expect([...generate(model, [1], { tokens: 2 })]).toHaveLength(3);
    expect(model.training).toBe(true);
  });

  test('a batch of nothing but padding has density 0', () => {
    const learned = new SkipTransformer({ ...model.config, router: 'learned' });
    const none = fromTypedArray(new Uint8Array(4), [1, 4, 1]);
    expect(learned.forward(ids(1, 4), { valid: none }).routes[0].density.item()).toBe(0);
  });
});

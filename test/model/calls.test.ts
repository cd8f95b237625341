/** Calls of a model that cannot mean anything are refused in one line. */
import { expect, test } from 'vitest';
import { fromTypedArray, noGrad, type Tensor } from '../../src/index.ts';
import { generate } from '../../src/model/generate.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { someConfig, VOCABULARY } from './models.ts';

const model = new SkipTransformer(someConfig({}, 6));
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

test('an empty prompt: refused too', () => {
  expect(() => [...generate(model, [], { tokens: 1 })]).toThrow(/prompt is empty/);
});

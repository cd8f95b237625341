import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HuggingFaceTokenizer } from '../../../src/data/huggingface-tokenizer.ts';
import { CharacterTokenizer } from '../../../src/data/tokenizer.ts';
import {
  choiceSequences,
  cutToContext,
  longestChoice,
  roomToWrite,
  truncationRule,
} from '../../../src/evaluate/one-shot/prompt.ts';

import { byteLevel } from '../../data/huggingface-files.ts';

const tokenizer = CharacterTokenizer.fromText('abcdefghij \n');

test('a demonstration, two newlines, the question, and the choice that is scored', () => {
  const question = { contexts: ['ab', 'abc'], continuations: [' d', ' ef'], gold: [0] };
  const sequences = choiceSequences(question, 'a b', tokenizer);
  expect(sequences.map(({ ids }) => tokenizer.decode(ids))).toEqual(['a b\n\nab d', 'a b\n\nabc ef']);
  expect(sequences.map(({ ids, start }) => tokenizer.decode(ids.subarray(start)))).toEqual([' d', ' ef']);
});

test('a token that begins with a space belongs to the choice', () => {
  const bytes = new HuggingFaceTokenizer(byteLevel());
  const question = { contexts: ['is', 'is'], continuations: [' the', ' a the'], gold: [0] };
  const scored = choiceSequences(question, 'so', bytes).map(({ ids, start }) =>
    Array.from(ids.subarray(start), (id) => bytes.decode([id])),
  );
  expect(scored).toEqual([[' the'], [' ', 'a', ' the']]);
});

test('what fits is left as it is; what does not loses its beginning, and choices of any length their end at most', () => {
  const text = (most: number): fc.Arbitrary<number[]> =>
    fc.array(fc.nat(9), { minLength: 1, maxLength: most });
  const sequences = fc.array(fc.tuple(text(40), text(40)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 24 }), sequences, (context, parts) => {
      const whole = parts.map(([prompt, scored]) => ({
        ids: Int32Array.from([...prompt, ...scored]),
        start: prompt.length,
      }));
      const { sequences: cut, truncated } = cutToContext(whole, context);
      expect(truncated).toBe(whole.some(({ ids }, i) => ids.length !== cut[i].ids.length));
      const fits = whole.every(
        ({ ids, start }) => ids.length - 1 <= context && ids.length - start <= longestChoice(context),
      );
      expect(truncated).toBe(!fits);
      cut.forEach(({ ids, start }, i) => {
        const [prompt, scored] = parts[i];
        expect(ids.length - 1).toBeLessThanOrEqual(context);
        expect(start).toBeGreaterThanOrEqual(1);
        expect([...ids.subarray(0, start)]).toEqual(prompt.slice(-start));
        expect([...ids.subarray(start)]).toEqual(scored.slice(0, longestChoice(context)));
      });
      // Alike prompts stay alike.
      const lost = whole.map(({ start }, i) => start - cut[i].start);
      const most = Math.max(...lost);
      lost.forEach((tokens, i) => {
        expect(tokens).toBe(Math.min(most, whole[i].start - 1));
      });
    }),
  );
});

test('a prompt keeps a quarter of the context, whatever the choices take', () => {
  for (const context of [4, 16, 128, 1024]) {
    const whole = [{ ids: new Int32Array(4 * context), start: 2 * context }];
    const [{ start }] = cutToContext(whole, context).sequences;
    expect(start).toBe(Math.ceil(context / 4));
  }
});

test('the rule is told with its numbers', () => {
  expect(roomToWrite(128)).toBe(32);
  expect(roomToWrite(1024)).toBe(64);
  expect(truncationRule(128)).toBe(
    'what does not fit into 128 tokens loses its beginning, the demonstration first; choices are kept whole up to 97 tokens, and an answer may take 32',
  );
});

import { describe, expect, test } from 'vitest';
import { CharacterTokenizer } from '../../src/data/tokenizer.ts';
import { skipMapOf, skipMapOfGenerated, tokenUsage, wordUsage } from '../../src/evaluate/skip-map.ts';
import { defaultModel, generate, SkipTransformer } from '../../src/index.ts';
import type { SkipMap } from '../../src/report/types.ts';

const map: SkipMap = {
  tokens: [...'ab, Ab'],
  active: [
    [true, true, false, false, true, false],
    [true, false, false, true, true, false],
  ],
};

describe('usage', () => {
  test('averages layers over the occurrences of a token', () => {
    expect(tokenUsage(map).find(({ token }) => token === 'b')).toEqual({
      token: 'b',
      count: 2,
      meanLayers: 0.5,
    });
  });

  test('averages layers over the letters of a word, whatever its case', () => {
    expect(wordUsage(map)).toEqual([{ token: 'ab', count: 2, meanLayers: (1.5 + 1) / 2 }]);
  });

  test('splits words where tokens carry spaces, and joins those that continue one', () => {
    const pieces: SkipMap = { tokens: ['The', ' wh', 'ale', '.'], active: [[true, true, false, true]] };
    expect(wordUsage(pieces).map(({ token, meanLayers }) => [token, meanLayers])).toEqual([
      ['the', 1],
      ['whale', 0.5],
    ]);
  });
});

describe('skip maps', () => {
  const text = 'the whale, the whale';
  const tokenizer = CharacterTokenizer.fromText(text);
  const config = {
    ...defaultModel,
    vocabularySize: tokenizer.vocabularySize,
    layers: 2,
    dim: 8,
    heads: 2,
    context: 8,
  };
  const model = new SkipTransformer({ ...config, routerScale: 2 });

  test('cover a text longer than the context, token by token', () => {
    const { tokens, active } = skipMapOf(model, tokenizer, tokenizer.encode(text));
    expect(tokens.join('')).toBe(text);
    expect(active.map((layer) => layer.length)).toEqual([text.length, text.length]);
    expect(model.training).toBe(true);
  });

  test('of generated text are what the generator did', () => {
    const written = [...generate(model, tokenizer.encode('the'), { tokens: 4 })];
    const { tokens, active } = skipMapOfGenerated(tokenizer, written);
    expect(tokens.slice(0, 3).join('')).toBe('the');
    expect(active[1]).toEqual(written.map((token) => token.active[1]));
  });
});

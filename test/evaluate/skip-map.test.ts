import { describe, expect, test } from 'vitest';
import { HuggingFaceTokenizer } from '../../src/data/huggingface-tokenizer.ts';
import { CharacterTokenizer } from '../../src/data/tokenizer.ts';
import {
  readText,
  skipMapOf,
  skipMapOfGenerated,
  tokenUsage,
  wordUsage,
} from '../../src/evaluate/skip-map.ts';
import { defaultModel, generate, SkipTransformer } from '../../src/index.ts';
import type { SkipMap } from '../../src/report/types.ts';
import { metaspace, wordPiece } from '../data/huggingface-files.ts';
import { float64Model, someConfig } from '../model/models.ts';
import { oneByOne } from './one-by-one.ts';

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

  test('of a dense model show that every layer ran', () => {
    const dense = new SkipTransformer({ ...config, router: 'none' });
    const { active } = skipMapOf(dense, tokenizer, tokenizer.encode('the whale'));
    expect(active).toEqual([new Array(9).fill(true), new Array(9).fill(true)]);
  });

  test('come with the loss of each following token, across the ends of pieces; of none after the last', () => {
    // 16 pieces of 4 in one batch, then one piece, then what is left.
    const { vocabularySize } = tokenizer;
    const exact = float64Model(someConfig({ router: 'learned', layers: 2, context: 4, vocabularySize }));
    const ids = tokenizer.encode(text.repeat(4).slice(0, 70));
    const { map, losses } = readText(exact, tokenizer, ids);
    const slow = oneByOne(exact, ids);
    expect(map.active).toEqual(slow.active);
    expect(losses).toHaveLength(70);
    losses.slice(0, -1).forEach((loss, i) => {
      expect(loss).toBeCloseTo(slow.losses[i], 10);
    });
    expect(losses[69]).toBeNaN();
  });

  test.each([
    ['SentencePiece', metaspace(), 'a b ab'],
    ['WordPiece', wordPiece(), 'the whales the'],
  ])('keep the spaces between words of %s, and nothing else', (_, json, text) => {
    const pieces = new HuggingFaceTokenizer(json);
    const reader = new SkipTransformer({ ...config, vocabularySize: pieces.vocabularySize });
    const { tokens } = skipMapOf(reader, pieces, pieces.encode(text));
    expect(tokens.join('')).toBe(` ${text}`);
    const words = wordUsage({ tokens, active: [] }).map(({ token }) => token);
    expect(words.sort()).toEqual([...new Set(text.split(' '))].sort());
  });

  test('of generated text are what the generator did', () => {
    const written = [...generate(model, tokenizer.encode('the'), { tokens: 4 })];
    const { tokens, active } = skipMapOfGenerated(tokenizer, written);
    expect(tokens.slice(0, 3).join('')).toBe('the');
    expect(active[1]).toEqual(written.map((token) => token.active[1]));
  });
});

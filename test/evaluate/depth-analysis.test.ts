import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HuggingFaceTokenizer } from '../../src/data/huggingface-tokenizer.ts';
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from '../../src/data/tokenizer.ts';
import { analyseDepth, type DepthAnalysis } from '../../src/evaluate/depth-analysis.ts';
import { mean } from '../../src/evaluate/evaluate.ts';
import { spearman } from '../../src/evaluate/spearman.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import type { TokenUsage } from '../../src/report/types.ts';
import { byteLevel } from '../data/huggingface-files.ts';
import { anyConfig, float64Model, holdsFor, someConfig } from '../model/models.ts';
import { oneByOne } from './one-by-one.ts';

const ALPHABET = 'aabbcA 1,\n';
const characters = CharacterTokenizer.fromText(ALPHABET);
const text = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 3, maxLength: 40 });
const config = (fixed: Partial<ModelConfig>): fc.Arbitrary<ModelConfig> =>
  anyConfig({ vocabularySize: characters.vocabularySize, ...fixed });

/** Layers and occurrences, by label. */
const table = (usages: readonly TokenUsage[]): Record<string, [number, number]> =>
  Object.fromEntries(usages.map(({ token, count, meanLayers }) => [token, [count, meanLayers]]));

test.each(['learned', 'none', 'mixture-of-depths', 'highway', 'early-exit'] as const)(
  'of a model with router %s is what reading token by token gives',
  (router) => {
    const example = fc.record({ config: config({ router, exitThreshold: 0.3 }), text });
    holdsFor(
      'analysis',
      example,
      ({ config, text }) => {
        const model = float64Model(config);
        const ids = characters.encode(text);
        const analysis = analyseDepth(model, characters, ids, { minimum: 1 });
        const { layers, losses, active } = oneByOne(model, ids);
        expect(analysis.tokens).toBe(text.length);
        const labels = [...text].map(kindOfCharacter);
        for (const [kind, [count, meanLayers]] of Object.entries(table(analysis.kinds))) {
          const own = layers.filter((_, i) => labels[i] === kind);
          expect(count).toBe(own.length);
          expect(meanLayers).toBeCloseTo(mean(own), 12);
        }
        const expected = spearman(losses.slice(0, -1), layers.slice(0, -1));
        if (expected === null) expect(analysis.lossDepthCorrelation).toBeNull();
        else expect(analysis.lossDepthCorrelation).toBeCloseTo(expected, 12);
        const shares = router === 'none' ? [] : active.map((row) => mean(row.map(Number)));
        expect(analysis.densityPerLayer).toEqual(shares);
        expect(table(analysis.words)).toEqual(table(wordsOf(text, layers)));
      },
      6,
    );
  },
);

/** The kind of a character of the alphabet. */
function kindOfCharacter(character: string): string {
  if (character === ' ') return 'spaces';
  if (character === '\n') return 'line ends';
  if (character === ',') return 'punctuation';
  if (character === '1') return 'digits';
  return character === 'A' ? 'capitals' : 'lower-case letters';
}

/** Words of a text, and the mean of their occurrences' mean layers. */
function wordsOf(text: string, layers: readonly number[]): TokenUsage[] {
  const found = [...text.matchAll(/[a-z]+/gi)].map(({ 0: word, index }) => ({
    word: word.toLowerCase(),
    layers: mean(layers.slice(index, index + word.length)),
  }));
  return [...new Set(found.map(({ word }) => word))].map((token) => {
    const own = found.filter(({ word }) => word === token).map(({ layers }) => layers);
    return { token, count: own.length, meanLayers: mean(own) };
  });
}

/** Of an untrained model. */
function analysisOf(
  tokenizer: Tokenizer,
  text: string,
  fixed: Partial<ModelConfig> = {},
  minimum?: number,
): DepthAnalysis {
  const { vocabularySize } = tokenizer;
  const model = new SkipTransformer(someConfig({ router: 'learned', layers: 3, vocabularySize, ...fixed }));
  return analyseDepth(model, tokenizer, tokenizer.encode(text), { minimum });
}

describe('kinds', () => {
  test('are of all tokens, each of one kind', () => {
    const example = fc.record({ text: fc.string({ unit: 'grapheme', minLength: 1 }), bytes: fc.boolean() });
    holdsFor('partition', example, ({ text, bytes }) => {
      const tokenizer = bytes ? new ByteTokenizer() : CharacterTokenizer.fromText(text);
      const { kinds, tokens } = analysisOf(tokenizer, text);
      expect(tokens).toBe(tokenizer.encode(text).length);
      expect(kinds.reduce((sum, { count }) => sum + count, 0)).toBe(tokens);
      expect(new Set(kinds.map(({ token }) => token)).size).toBe(kinds.length);
    });
  });

  test('of bytes count those of longer characters as others', () => {
    const counts = Object.fromEntries(
      analysisOf(new ByteTokenizer(), 'Né ½\r\n').kinds.map(({ token, count }) => [token, count]),
    );
    expect(counts).toEqual({ capitals: 1, others: 4, spaces: 1, 'line ends': 2 });
  });

  test('of pieces of words tell those that begin a word from those that continue one', () => {
    const tokenizer = new HuggingFaceTokenizer(byteLevel());
    const text = 'the then 7, then\n\n';
    const counts = Object.fromEntries(
      analysisOf(tokenizer, text).kinds.map(({ token, count }) => [token, count]),
    );
    const pieces = Array.from(tokenizer.encode(text), (id) => tokenizer.decode([id]));
    expect(pieces).toEqual(['th', 'e', ' the', 'n', ' ', '7', ',', ' the', 'n', '\n', '\n']);
    expect(counts).toEqual({
      'word beginnings': 3,
      continuations: 3,
      spaces: 1,
      digits: 1,
      punctuation: 1,
      'line ends': 2,
    });
  });
});

describe('words', () => {
  const tokenizer = new CharacterTokenizer([...' abcdefghijklmnopqrstuvwxyz']);
  const words = Array.from({ length: 50 }, (_, i) => String.fromCharCode(97 + (i % 7), 97 + (i % 5)));

  test('that are frequent enough are sorted by their layers, from both ends, none in both', () => {
    const text = `${words.join(' ')} ${words.join(' ')} once`;
    const { mostSkipped, leastSkipped, words: all } = analysisOf(tokenizer, text, { context: 16 }, 2);
    const layers = (list: readonly TokenUsage[]): number[] => list.map(({ meanLayers }) => meanLayers);
    expect(mostSkipped).toHaveLength(17);
    expect(leastSkipped).toHaveLength(17);
    expect(layers(mostSkipped)).toEqual(layers(mostSkipped).sort((a, b) => a - b));
    expect(layers(leastSkipped)).toEqual(layers(leastSkipped).sort((a, b) => b - a));
    expect(Math.max(...layers(mostSkipped))).toBeLessThanOrEqual(Math.min(...layers(leastSkipped)));
    const named = [...mostSkipped, ...leastSkipped].map(({ token }) => token);
    expect(new Set(named).size).toBe(34);
    expect(named).not.toContain('once');
    expect(all.map(({ token }) => token)).toContain('once');
    expect(analysisOf(tokenizer, text, { context: 16 }).mostSkipped).toEqual([]);
    expect(analysisOf(tokenizer, text, { context: 16, router: 'none' }, 2).mostSkipped).toEqual([]);
  });

  test('are at most 300, of which at most 20 stand at each end', () => {
    const many = Array.from({ length: 400 }, (_, i) => String.fromCharCode(97 + (i % 26), 97 + (i >> 4)));
    const analysis = analysisOf(tokenizer, many.join(' '), { context: 16 }, 1);
    expect(analysis.words).toHaveLength(300);
    expect([analysis.mostSkipped, analysis.leastSkipped].map(({ length }) => length)).toEqual([20, 20]);
  });
});

test('of a dense model knows no correlation, and that every token ran every layer', () => {
  const analysis = analysisOf(characters, 'aab, Aab 1', { router: 'none' });
  expect(analysis.lossDepthCorrelation).toBeNull();
  expect(analysis.densityPerLayer).toEqual([]);
  expect(new Set(analysis.kinds.map(({ meanLayers }) => meanLayers))).toEqual(new Set([3]));
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteTokenizer, CharacterTokenizer } from '../../src/data/tokenizer.ts';
import { tokenizerFromJSON } from '../../src/data/tokenizer-from-json.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('CharacterTokenizer', () => {
  it('orders the characters of the text by code point, after the unknown one', () => {
    const tokenizer = CharacterTokenizer.fromText('b😀a\nb\uFB01');
    expect(tokenizer.vocabularySize).toBe(6);
    expect([...tokenizer.encode('\nab\uFB01😀')]).toEqual([1, 2, 3, 4, 5]);
    expect([0, 1, 2, 5].map((id) => tokenizer.token(id))).toEqual(['\uFFFD', '↵', 'a', '😀']);
  });

  it('returns every text over its vocabulary exactly', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokenizer = CharacterTokenizer.fromText(text);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
        expect(tokenizer.encode(text).length).toBe([...text].length);
      }),
    );
  });

  it('encodes unknown characters, and U+FFFD itself, as id 0', () => {
    const tokenizer = CharacterTokenizer.fromText('ab\uFFFD');
    expect(tokenizer.vocabularySize).toBe(3);
    expect([...tokenizer.encode('a😀b\uFFFD')]).toEqual([1, 0, 2, 0]);
    expect(tokenizer.decode([1, 0, 2])).toBe('a\uFFFDb');
  });

  it('refuses ids outside its vocabulary', () => {
    const tokenizer = CharacterTokenizer.fromText('ab');
    for (const bad of [3, -1, 0.5, NaN]) {
      expect(() => tokenizer.decode([1, bad])).toThrow(
        /id .* at position 1 is outside the vocabulary \(0 to 2\)/,
      );
      expect(() => tokenizer.token(bad)).toThrow(RangeError);
    }
  });
});

describe('ByteTokenizer', () => {
  const tokenizer = new ByteTokenizer();

  it('is UTF-8, and returns well-formed text exactly, a byte order mark included', () => {
    expect([...tokenizer.encode('aé—')]).toEqual([0x61, 0xc3, 0xa9, 0xe2, 0x80, 0x94]);
    expect(tokenizer.decode(tokenizer.encode('\uFEFFa'))).toBe('\uFEFFa');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it('decodes cut characters to U+FFFD and refuses what is no byte', () => {
    expect(tokenizer.decode([0x61, 0xe2, 0x80])).toBe('a\uFFFD');
    expect(() => tokenizer.decode([256])).toThrow(
      /id 256 at position 0 is outside the vocabulary \(0 to 255\)/,
    );
  });

  it('shows bytes', () => {
    expect([0x41, 0x20, 0x0a, 0x09, 0x07, 0x7f, 0xe2].map((id) => tokenizer.token(id))).toEqual([
      'A',
      ' ',
      '↵',
      '⇥',
      '\\u{7}',
      '\\u{7F}',
      '\\xE2',
    ]);
  });
});

describe('tokenizerFromJSON', () => {
  it('restores a tokenizer that went through JSON, lone surrogates included', () => {
    fc.assert(
      fc.property(anyText, anyText, (training, text) => {
        for (const tokenizer of [
          CharacterTokenizer.fromText(`${training}\uD800\uDBFF`),
          new ByteTokenizer(),
        ]) {
          const restored = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
          expect(restored.kind).toBe(tokenizer.kind);
          expect(restored.vocabularySize).toBe(tokenizer.vocabularySize);
          expect(restored.encode(text)).toEqual(tokenizer.encode(text));
        }
      }),
    );
  });

  it.each([
    [null, /expected an object/],
    ['byte', /expected an object/],
    [[], /expected an object/],
    [{}, /kind must be character, byte or huggingface, got undefined/],
    [{ kind: 'bpe' }, /got "bpe"/],
    [{ kind: 'character' }, /needs `characters`/],
    [{ kind: 'character', characters: ['a', 'a'] }, /distinct single characters/],
    [{ kind: 'character', characters: ['ab'] }, /distinct single characters/],
    [{ kind: 'character', characters: [''] }, /distinct single characters/],
    [{ kind: 'character', characters: [1] }, /distinct single characters/],
    [{ kind: 'character', characters: ['\uFFFD'] }, /distinct single characters/],
    [{ kind: 'huggingface' }, /needs `tokenizer`/],
    [{ kind: 'huggingface', tokenizer: {}, config: 3 }, /`config` as objects/],
    [{ kind: 'huggingface', tokenizer: {} }, /not a usable tokenizer\.json/],
  ])('refuses %j', (json, message) => {
    expect(() => tokenizerFromJSON(json)).toThrow(TypeError);
    expect(() => tokenizerFromJSON(json)).toThrow(message);
  });
});

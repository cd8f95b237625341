import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HuggingFaceTokenizer } from '../../src/data/huggingface-tokenizer.ts';
import { tokenizerFromJSON } from '../../src/data/tokenizer-from-json.ts';
import { byteLevel, metaspace } from './huggingface-files.ts';

describe('HuggingFaceTokenizer', () => {
  const tokenizer = new HuggingFaceTokenizer(byteLevel());

  it('applies the merges, and knows its size with special tokens', () => {
    expect(tokenizer.vocabularySize).toBe(260);
    expect([...tokenizer.encode('a the<|end|>')]).toEqual([0x61, 258, 259]);
    expect([258, 259, 0x0a, 0xe2].map((id) => tokenizer.token(id))).toEqual([
      ' the',
      '<|end|>',
      '↵',
      '\uFFFD',
    ]);
  });

  it('returns byte-level text exactly: spaces before punctuation stay', () => {
    const text = " Hello , world ! do n't  stop\n\n— déjà vu 😀 ";
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (any) => {
        expect(tokenizer.decode(tokenizer.encode(any))).toBe(any);
      }),
    );
  });

  it('decodes nothing to nothing and refuses ids outside the vocabulary', () => {
    expect(tokenizer.decode(new Int32Array(0))).toBe('');
    expect(() => tokenizer.decode([260])).toThrow(
      /id 260 at position 0 is outside the vocabulary \(0 to 259\)/,
    );
  });

  it('shows the space that a SentencePiece-style decoder drops, and refuses text without an id', () => {
    const words = new HuggingFaceTokenizer(metaspace());
    expect([...words.encode('a b')]).toEqual([3, 0, 2]);
    expect(words.token(3)).toBe(' a');
    expect(words.token(2)).toBe('b');
    expect(() => words.encode('c')).toThrow(/no id for "<unk>"/);
  });

  it('restores from JSON', () => {
    const restored = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
    expect(restored.kind).toBe('huggingface');
    expect(restored.encode('the the')).toEqual(tokenizer.encode('the the'));
  });

  it.each([
    [{}, /not a usable tokenizer\.json: \S/],
    [{ ...byteLevel(), added_tokens: undefined }, /not a usable tokenizer\.json: \S/],
    [{ ...byteLevel(), decoder: { type: 'Nonsense' } }, /Unknown Decoder type: Nonsense/],
  ])('says in one line why it cannot use %#', (json, message) => {
    expect(() => new HuggingFaceTokenizer(json)).toThrow(message);
    expect(() => new HuggingFaceTokenizer(json)).toThrow(/^[^\n]+$/);
  });
});

describe('a hostile tokenizer.json', () => {
  const changed = (changes: object): (() => HuggingFaceTokenizer) => {
    return () => new HuggingFaceTokenizer({ ...byteLevel(), ...changes });
  };

  it('whose pattern would match for ever is given up', () => {
    const split = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false };
    const tokenizer = changed({ pre_tokenizer: split })();
    expect(() => tokenizer.encode(`${'a'.repeat(50)}!`)).toThrow(
      'HuggingFaceTokenizer: cannot encode: it takes too long; a pattern may need for ever',
    );
  });

  it('whose ids are far apart, or no counts, is refused before memory is given to them', () => {
    for (const id of [1e9, 4e9, 1e10, -1, 0.5]) {
      const added = [{ id, content: '<|end|>', special: true }];
      expect(changed({ added_tokens: added })).toThrow('its ids do not count from 0 up');
    }
  });

  it('whose parts would keep the library busy for ever is refused', () => {
    const endless = { type: 'Sequence', pretokenizers: [{ type: 'FixedLength', length: 0 }] };
    expect(changed({ pre_tokenizer: endless })).toThrow('FixedLength needs a length from 1 up');
    expect(changed({ added_tokens: [{ id: 0, content: { length: 1e9 } }] })).toThrow(
      'added_tokens must list tokens',
    );
  });

  it('that the library trips over is refused without its words', () => {
    expect(changed({ model: { type: 'BPE' } })).toThrow(
      'a part is missing, or not what the format has there',
    );
  });
});

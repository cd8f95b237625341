import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HuggingFaceTokenizer } from '../../src/data/huggingface-tokenizer.ts';
import { tokenizerFromJSON } from '../../src/data/tokenizer-from-json.ts';

/** The 256 stand-ins for bytes of GPT-2's byte-level tokenizers: printable ones for themselves, others from U+0100. */
function byteSymbols(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(printable ? byte : next++);
  });
}

/** A byte-level BPE tokenizer with three merges and one special token. */
function byteLevel(): object {
  const merges = ['t h', 'Ġ th', 'Ġth e'];
  const pieces = [...byteSymbols(), ...merges.map((merge) => merge.replace(' ', ''))];
  const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
  const byteLevelStep = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    added_tokens: [{ id: 259, content: '<|end|>', special: true, normalized: false }],
    normalizer: null,
    pre_tokenizer: byteLevelStep,
    post_processor: byteLevelStep,
    decoder: byteLevelStep,
    model: { type: 'BPE', vocab, merges, unk_token: null, fuse_unk: false, byte_fallback: false },
  };
}

/** A tokenizer in the SentencePiece manner whose unknown token is named but has no id. */
function metaspace(): object {
  const step = { type: 'Metaspace', replacement: '▁', add_prefix_space: true, prepend_scheme: 'always' };
  return {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: step,
    post_processor: null,
    decoder: step,
    model: { type: 'BPE', vocab: { '▁': 0, a: 1, b: 2, '▁a': 3 }, merges: ['▁ a'], unk_token: '<unk>' },
  };
}

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

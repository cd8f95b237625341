/** Small tokenizers in the Hugging Face format. */

/** The 256 stand-ins for bytes of GPT-2's byte-level tokenizers: printable ones for themselves, others from U+0100. */
function byteSymbols(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(printable ? byte : next++);
  });
}

/** A byte-level BPE tokenizer with three merges and one special token. */
export function byteLevel(): object {
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
export function metaspace(): object {
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

/** A tokenizer in BERT's manner: pieces that continue a word have a sign before them. */
export function wordPiece(): object {
  return {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: { '[UNK]': 0, the: 1, whale: 2, '##s': 3 },
    },
  };
}

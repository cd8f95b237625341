/** Damaged tokenizer.json files, in hopgrad's own formats and in Hugging Face's, and texts to read with what is accepted. */
import fc from 'fast-check';
import { byteLevel, metaspace } from '../data/huggingface-files.ts';
import { type Mutation, mutate, mutations } from './json-mutations.ts';

/** One of each model that the format knows, with steps of every kind somewhere. */
const step = (type: string, options: object = {}): object => ({ type, ...options });
const files: readonly object[] = [
  { kind: 'character', characters: ['a', 'b', ' ', '\n', '🐋'] },
  { kind: 'byte' },
  { kind: 'huggingface', tokenizer: metaspace(), config: { clean_up_tokenization_spaces: true } },
  byteLevel(),
  metaspace(),
  {
    added_tokens: [{ id: 4, content: '[UNK]', special: true, lstrip: true }],
    normalizer: step('BertNormalizer', { clean_text: true, handle_chinese_chars: true, lowercase: true }),
    pre_tokenizer: step('BertPreTokenizer'),
    post_processor: null,
    decoder: step('WordPiece', { prefix: '##', cleanup: true }),
    model: step('WordPiece', {
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: { a: 0, '##b': 1, the: 2, whale: 3, '[UNK]': 4 },
    }),
  },
  {
    added_tokens: [],
    normalizer: step('Sequence', {
      normalizers: [
        step('Replace', { pattern: { Regex: ' {2,}' }, content: ' ' }),
        step('NFKC'),
        step('Prepend', { prepend: '▁' }),
        step('Strip', { strip_left: true, strip_right: true }),
      ],
    }),
    pre_tokenizer: step('Sequence', {
      pretokenizers: [
        step('Split', { pattern: { Regex: '\\s+' }, behavior: 'Isolated', invert: false }),
        step('Digits', { individual_digits: true }),
        step('Punctuation', { behavior: 'Isolated' }),
        step('FixedLength', { length: 5 }),
      ],
    }),
    post_processor: step('TemplateProcessing', { single: [{ Sequence: { id: 'A', type_id: 0 } }], pair: [] }),
    decoder: step('Sequence', {
      decoders: [
        step('Replace', { pattern: { String: '▁' }, content: ' ' }),
        step('ByteFallback'),
        step('Fuse'),
        step('Strip', { content: ' ', start: 1, stop: 0 }),
      ],
    }),
    model: step('Unigram', {
      unk_id: 0,
      byte_fallback: true,
      vocab: [
        ['<unk>', 0],
        ['a', -1],
        ['▁', -2],
        ['wh', -3],
      ],
    }),
  },
];
/** Patterns that take time or sense away: nested repetition, broken syntax, matches of nothing. */
const patterns = [
  '(a+)+$',
  '(a*)*$',
  '(\\w|\\w\\w)+$',
  '(',
  '[',
  '\\',
  '',
  '^',
  '(?<=',
  '\\p{Nonsense}',
  'a{1,99999}',
  '(?i:a)',
];

export interface TokenizerRecipe {
  file: number;
  changes: Mutation[];
  /** Takes the place of every pattern. */
  pattern: string | null;
  text: string;
}

export const tokenizerRecipes: fc.Arbitrary<TokenizerRecipe> = fc.record({
  file: fc.nat(files.length - 1),
  // At times none: a pattern does its worst in a file that is whole otherwise.
  changes: fc.oneof(fc.constant<Mutation[]>([]), mutations),
  pattern: fc.option(fc.constantFrom(...patterns), { freq: 2 }),
  text: fc.oneof(
    fc.constantFrom(
      '',
      'a',
      'the whale',
      ...Array<string>(4).fill(`${'a'.repeat(60)}!`), // on which the nested repetitions take for ever
      `${'ab '.repeat(100)}!`,
      '\ud800',
      '\u0000\ufeff🐋',
      '\n\n',
    ),
    fc.string({ unit: 'binary', maxLength: 50 }),
  ),
});

/** The damaged file, as JSON. */
export function tokenizerFile({ file, changes, pattern }: TokenizerRecipe): string {
  const json = JSON.stringify(files[file]);
  const placed =
    pattern === null ? json : json.replace(/"Regex":"[^"]*"/g, () => `"Regex":${JSON.stringify(pattern)}`);
  return mutate(placed, changes);
}

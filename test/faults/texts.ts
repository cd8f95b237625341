/** Texts that are hardly texts: bad UTF-8, zero bytes, halves of characters, byte order marks, next to nothing. */
import fc from 'fast-check';

export interface TextRecipe {
  /** What the file is put together from. */
  pieces: number[][];
  repeat: number;
  /** For the tokenizer made from the file. */
  strings: string[];
  tokenizer: 'character' | 'byte';
  context: number;
  /** Whether a model is trained on it, too. */
  train: boolean;
}

const bytesOf = (text: string): number[] => [...Buffer.from(text)];
const pieces = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        'a',
        'the whale ',
        '\n',
        '\r\n',
        '\n\n\n',
        ' ',
        '\ufeff',
        'é',
        'e\u0301',
        '🐋',
        '👩‍👩‍👧',
        '\u2028',
        '\u202e',
        '\ufffd',
      ].map(bytesOf),
      ...['<|end|>', '__proto__', '\t', '\x1b[31m', '\x7f', '﷽', 'ﬁ'].map(bytesOf),
    ),
  },
  fc.constantFrom<number[]>(
    [0],
    [0xff],
    [0xfe, 0xff],
    [0xff, 0xfe, 0x61, 0x00],
    [0xed, 0xa0, 0x80], // half a surrogate pair
    [0xc0, 0xaf], // overlong
    [0xf4, 0x90, 0x80, 0x80], // beyond U+10FFFF
    [0xf0, 0x9f, 0x90], // cut short
    [0x80],
  ),
  fc.array(fc.nat(255), { maxLength: 4 }),
);

export const textRecipes: fc.Arbitrary<TextRecipe> = fc.record({
  pieces: fc.oneof(
    { weight: 3, arbitrary: fc.array(pieces, { maxLength: 8 }) },
    // Without the pieces that make it no text at all.
    fc.array(fc.constantFrom(...['a', 'b ', '\n', 'é', '🐋', '\ufeff', '\ufffd', 'e\u0301'].map(bytesOf)), {
      maxLength: 20,
    }),
  ),
  repeat: fc.constantFrom(1, 1, 1, 20, 300),
  strings: fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ud800', 'a\udc00b', '\u0000', '\ufeffa')),
    {
      maxLength: 3,
    },
  ),
  tokenizer: fc.constantFrom<TextRecipe['tokenizer']>('character', 'byte'),
  context: fc.constantFrom(1, 2, 4),
  train: fc.constantFrom(true, false, false, false),
});

export function textBytes({ pieces: parts, repeat }: TextRecipe): Uint8Array {
  return Uint8Array.from(Array.from({ length: repeat }, () => parts.flat()).flat());
}

/** Turning text into token ids and back: the interface, and the two tokenizers that need no training. */

/** Text to ids and back. Ids are whole numbers from 0 to `vocabularySize` - 1. */
export interface Tokenizer {
  readonly kind: 'character' | 'byte' | 'huggingface';
  readonly vocabularySize: number;
  /** The ids of `text`, without any special tokens added. */
  encode(text: string): Int32Array;
  /** The text of `ids`. Throws RangeError for an id outside the vocabulary. */
  decode(ids: ArrayLike<number>): string;
  /**
   * One token made visible, for tables and pictures: a line break shows as an arrow, other control characters as
   * escapes. Not for putting text together again; that is what `decode` is for.
   */
  token(id: number): string;
  /** Plain JSON from which `tokenizerFromJSON` makes an equal tokenizer. */
  toJSON(): unknown;
}

const UNKNOWN = '\uFFFD';

/**
 * One token per Unicode code point of a training text, in code point order. Id 0 is reserved for every character
 * that the training text lacks; it decodes to U+FFFD.
 */
export class CharacterTokenizer implements Tokenizer {
  readonly kind = 'character';
  private readonly characters: readonly string[];
  private readonly ids: Map<string, number>;

  /**
   * @param characters distinct single code points; the first gets id 1
   * @throws TypeError when they are not
   */
  constructor(characters: readonly string[]) {
    this.characters = [UNKNOWN, ...characters];
    this.ids = new Map(this.characters.map((character, id) => [character, id]));
    if (!characters.every(isCodePoint) || this.ids.size !== this.characters.length) {
      throw new TypeError(
        'CharacterTokenizer: the vocabulary must be a list of distinct single characters other than U+FFFD',
      );
    }
  }

  /** The vocabulary of all characters in `text`. */
  static fromText(text: string): CharacterTokenizer {
    const characters = new Set(text);
    characters.delete(UNKNOWN);
    return new CharacterTokenizer([...characters].sort((a, b) => codePoint(a) - codePoint(b)));
  }

  get vocabularySize(): number {
    return this.characters.length;
  }

  encode(text: string): Int32Array {
    const ids = new Int32Array(text.length);
    let length = 0;
    for (const character of text) ids[length++] = this.ids.get(character) ?? 0;
    return ids.slice(0, length);
  }

  decode(ids: ArrayLike<number>): string {
    checkIds(ids, this.vocabularySize);
    return Array.from(ids, (id) => this.characters[id]).join('');
  }

  token(id: number): string {
    return printable(this.decode([id]));
  }

  toJSON(): unknown {
    return { kind: this.kind, characters: this.characters.slice(1) };
  }
}

/**
 * One token per byte of the text's UTF-8 form: 256 ids, nothing is unknown, well-formed text comes back exactly.
 * Ids that are not valid UTF-8, such as a character cut in half, decode to U+FFFD.
 */
export class ByteTokenizer implements Tokenizer {
  readonly kind = 'byte';
  readonly vocabularySize = 256;

  encode(text: string): Int32Array {
    return Int32Array.from(new TextEncoder().encode(text));
  }

  decode(ids: ArrayLike<number>): string {
    checkIds(ids, 256);
    // `ignoreBOM` keeps a byte order mark in the text instead of dropping it.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids));
  }

  token(id: number): string {
    checkIds([id], 256);
    return id < 0x80 ? printable(String.fromCharCode(id)) : `\\x${id.toString(16).toUpperCase()}`;
  }

  toJSON(): unknown {
    return { kind: this.kind };
  }
}

/** `text` with line breaks and tabs as arrows and other control characters as escapes. */
export function printable(text: string): string {
  return text
    .replaceAll('\n', '↵')
    .replaceAll('\t', '⇥')
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
      return `\\u{${codePoint(character).toString(16).toUpperCase()}}`;
    });
}

/** Throws RangeError unless every id is a whole number from 0 to `vocabularySize` - 1. */
export function checkIds(ids: ArrayLike<number>, vocabularySize: number): void {
  for (let i = 0; i < ids.length; i++) {
    if (!Number.isInteger(ids[i]) || ids[i] < 0 || ids[i] >= vocabularySize) {
      throw new RangeError(
        `decode: id ${ids[i]} at position ${i} is outside the vocabulary (0 to ${vocabularySize - 1}); ` +
          'are these ids from another tokenizer?',
      );
    }
  }
}

function isCodePoint(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && String.fromCodePoint(codePoint(value)) === value;
}

function codePoint(character: string): number {
  return character.codePointAt(0) as number;
}

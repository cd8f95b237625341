import { HuggingFaceTokenizer } from './huggingface-tokenizer.ts';
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from './tokenizer.ts';

/**
 * Makes a tokenizer from what its `toJSON` returned.
 *
 * @throws TypeError with one line that says what is wrong with `json`
 */
export function tokenizerFromJSON(json: unknown): Tokenizer {
  if (!isObject(json))
    throw new TypeError(`tokenizerFromJSON: expected an object with a kind, got ${typeof json}`);
  switch (json.kind) {
    case 'character':
      if (!Array.isArray(json.characters)) {
        throw new TypeError(
          'tokenizerFromJSON: a character tokenizer needs `characters`, a list of characters',
        );
      }
      return new CharacterTokenizer(json.characters);
    case 'byte':
      return new ByteTokenizer();
    case 'huggingface':
      if (!isObject(json.tokenizer) || !isObject(json.config ?? {})) {
        throw new TypeError(
          'tokenizerFromJSON: a huggingface tokenizer needs `tokenizer` and `config` as objects',
        );
      }
      return new HuggingFaceTokenizer(json.tokenizer, json.config ?? {});
    default:
      throw new TypeError(
        `tokenizerFromJSON: kind must be character, byte or huggingface, got ${typeof json.kind === 'string' ? JSON.stringify(json.kind.slice(0, 60)) : typeof json.kind}`,
      );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

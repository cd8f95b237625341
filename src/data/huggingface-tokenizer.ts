import { Tokenizer as Library } from '@huggingface/tokenizers';
import { checkIds, printable, type Tokenizer } from './tokenizer.ts';

/**
 * A trained tokenizer in the Hugging Face format (`tokenizer.json`). Special tokens are never added, and decoding
 * does not tidy spaces, so that a byte-level tokenizer returns exactly the text it was given.
 */
export class HuggingFaceTokenizer implements Tokenizer {
  readonly kind = 'huggingface';
  readonly vocabularySize: number;
  private readonly library: Library;
  private readonly json: object;
  private readonly config: object;

  /**
   * @param json the parsed content of tokenizer.json
   * @param config the parsed content of tokenizer_config.json, if there is one
   * @throws TypeError when the library cannot use them
   */
  constructor(json: object, config: object = {}) {
    this.json = json;
    this.config = config;
    try {
      this.library = new Library(json, config);
    } catch (error) {
      const reason = String(error instanceof Error ? error.message : error).replace(/\s+/g, ' ');
      throw new TypeError(`HuggingFaceTokenizer: not a usable tokenizer.json: ${reason}`);
    }
    let largest = -1;
    for (const id of this.library.get_vocab().values()) largest = Math.max(largest, id);
    this.vocabularySize = largest + 1;
  }

  encode(text: string): Int32Array {
    const { ids, tokens }: { ids: number[]; tokens: string[] } = this.library.encode(text, {
      add_special_tokens: false,
    });
    const missing = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0));
    if (missing >= 0) {
      throw new Error(
        `HuggingFaceTokenizer: no id for ${JSON.stringify(tokens[missing])}, which stands for characters outside the ` +
          'vocabulary; add it to tokenizer.json or use a byte-level tokenizer',
      );
    }
    return Int32Array.from(ids);
  }

  decode(ids: ArrayLike<number>): string {
    checkIds(ids, this.vocabularySize);
    if (ids.length === 0) return ''; // the library refuses an empty list
    return this.library.decode(Array.from(ids), { clean_up_tokenization_spaces: false });
  }

  token(id: number): string {
    const text = this.decode([id]);
    // SentencePiece-style decoders drop the space before the first word, which here is every word.
    const space = this.library.id_to_token(id)?.startsWith('▁') && !text.startsWith(' ') ? ' ' : '';
    return printable(space + text);
  }

  toJSON(): unknown {
    return { kind: this.kind, tokenizer: this.json, config: this.config };
  }
}

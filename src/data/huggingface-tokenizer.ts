import { Tokenizer as Library } from '@huggingface/tokenizers';
import { within } from './time-limit.ts';
import { checkIds, printable, type Tokenizer } from './tokenizer.ts';

/** Time that the library may take: this, and so much more per character or token. A pattern can be made to need for ever. */
const LIMIT_MS = 1000;
const LIMIT_MS_EACH = 0.1;

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
   * @throws TypeError when the library cannot use them, or the ids of the vocabulary leave most numbers out
   */
  constructor(json: object, config: object = {}) {
    this.json = json;
    this.config = config;
    // A minute and more: large vocabularies take seconds.
    this.library = ask('not a usable tokenizer.json', 1e6, () => {
      checkParts(json);
      return new Library(json, config);
    });
    this.vocabularySize = countIds(this.library);
  }

  encode(text: string): Int32Array {
    const { ids, tokens }: { ids: number[]; tokens: string[] } = ask('cannot encode', text.length, () =>
      this.library.encode(text, { add_special_tokens: false }),
    );
    const missing = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0));
    if (missing >= 0) {
      throw new Error(
        `HuggingFaceTokenizer: no id for ${JSON.stringify(tokens[missing])?.slice(0, 60)}, which stands for ` +
          'characters outside the vocabulary; add it to tokenizer.json or use a byte-level tokenizer',
      );
    }
    return Int32Array.from(ids);
  }

  decode(ids: ArrayLike<number>): string {
    checkIds(ids, this.vocabularySize);
    if (ids.length === 0) return ''; // the library refuses an empty list
    return ask('cannot decode', ids.length, () =>
      this.library.decode(Array.from(ids), { clean_up_tokenization_spaces: false }),
    );
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

/** Asks the library, which neither bounds its time nor says what in a wrong file it stumbled over. */
function ask<T>(refusal: string, length: number, task: () => T): T {
  try {
    return within(LIMIT_MS + LIMIT_MS_EACH * length, task);
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    let reason = message.replace(/\s+/g, ' ').slice(0, 300);
    if (/TypeError|RangeError/.test(name)) reason = 'a part is missing, or not what the format has there';
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') reason = 'it takes too long; a pattern may need for ever';
    throw new TypeError(`HuggingFaceTokenizer: ${refusal}: ${reason}`, { cause: error });
  }
}

/** @throws Error for what the library would work at for ever: tokens that are no text, pieces of no length */
function checkParts(json: object): void {
  const { added_tokens: added = [], pre_tokenizer: steps = null } = json as Record<string, unknown>;
  const isToken = (token: { content?: unknown } | null): boolean => typeof token?.content === 'string';
  if (!Array.isArray(added) || !added.every(isToken)) throw new Error('added_tokens must list tokens');
  JSON.stringify(steps, (_, step) => {
    if (step?.type !== 'FixedLength' || step.length >= 1) return step;
    throw new Error('FixedLength needs a length from 1 up');
  });
}

/** @throws TypeError for ids that are no counts, or so far apart that an embedding of all between would fill the memory */
function countIds({ model: { vocab } }: Library): number {
  const ids = Object.keys(vocab);
  const counts = ids.length > 0 && ids.every((id) => /^\d{1,9}$/.test(id));
  if (counts && vocab.length <= 2 * ids.length + 1000) return vocab.length;
  throw new TypeError('HuggingFaceTokenizer: not a usable tokenizer.json: its ids do not count from 0 up');
}

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hop24Characters } from '../data/hop24/items.ts';
import { HuggingFaceTokenizer } from '../data/huggingface-tokenizer.ts';
import { loadText } from '../data/load-text.ts';
import { MixedDataset } from '../data/mixed-dataset.ts';
import { TextDataset } from '../data/text-dataset.ts';
import { ByteTokenizer, CharacterTokenizer, type Tokenizer } from '../data/tokenizer.ts';

/** A text, ready to train on or to be measured on. */
export interface Corpus {
  text: string;
  /** Fingerprint of the text. */
  sha256: string;
  tokenizer: Tokenizer;
  dataset: TextDataset;
  /** In the held-out part. */
  charactersPerToken: number;
}

export interface CorpusOptions {
  /** Text file or folder; null for the embedded corpus. */
  data: string | null;
  /** One that is there, or what to make: 'character', 'byte', or the path of a Hugging Face tokenizer.json. */
  tokenizer: Tokenizer | string;
  /** A text that training never saw is held out whole. */
  holdOutAllBut?: { sha256: string };
  /** What is mixed into the text. */
  training?: { hop24: number };
}

/** @throws Error where the text or the tokenizer cannot be read */
export function loadCorpus({ data, tokenizer: wanted, holdOutAllBut, training }: CorpusOptions): Corpus {
  const text = loadText(data ?? undefined);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const tokenizer =
    typeof wanted === 'string'
      ? makeTokenizer(wanted, training?.hop24 ? text + hop24Characters : text)
      : wanted;
  const unseen = holdOutAllBut !== undefined && holdOutAllBut.sha256 !== sha256;
  const ids = tokenizer.encode(text);
  const dataset = training?.hop24
    ? new MixedDataset(ids, tokenizer, training.hop24)
    : new TextDataset(ids, unseen ? 1 - Number.EPSILON : undefined);
  const held = dataset.validation;
  const charactersPerToken = held.length === 0 ? 1 : characterCount(tokenizer.decode(held)) / held.length;
  return { text, sha256, tokenizer, dataset, charactersPerToken };
}

/** Bits per character from nats per token. */
export function bitsPerCharacter(nats: number, { charactersPerToken }: Corpus): number {
  return nats / Math.LN2 / charactersPerToken;
}

function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function makeTokenizer(kind: string, text: string): Tokenizer {
  if (kind === 'character') return CharacterTokenizer.fromText(text);
  if (kind === 'byte') return new ByteTokenizer();
  if (!existsSync(kind)) {
    throw new Error(`tokenizer: there is no file ${kind}; give 'character', 'byte' or a tokenizer.json`);
  }
  const file = statSync(kind).isDirectory() ? join(kind, 'tokenizer.json') : kind;
  const settings = join(dirname(file), 'tokenizer_config.json');
  return new HuggingFaceTokenizer(readJson(file), existsSync(settings) ? readJson(settings) : {});
}

/** @throws Error with one line where there is no such file or it holds no JSON object */
export function readJson(file: string): Record<string, unknown> {
  const text = readFileSync(file, 'utf8');
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return json as Record<string, unknown>;
  } catch {
    // Said below, in one line and with the file's name.
  }
  throw new Error(`${file} does not hold a JSON object; it is damaged or another kind of file`);
}

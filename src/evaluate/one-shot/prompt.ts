/** From a question and its demonstration to what the model reads: ids, cut to its context. */
import type { Tokenizer } from '../../data/tokenizer.ts';
import type { ChoiceQuestion } from './question.ts';

/** A text of which the end is scored. */
export interface Sequence {
  ids: Int32Array;
  /** Where the scored part begins. */
  start: number;
}

/** The share of the context that a prompt keeps, whatever a choice would take; and room for a written answer. */
const PROMPT_SHARE = 1 / 4;
const MOST_WRITTEN = 64;

/** How many tokens the model may write: a quarter of its context, at most 64. */
export function roomToWrite(context: number): number {
  return Math.min(MOST_WRITTEN, Math.floor(context / 4));
}

/** How much of a choice is scored at most: what is left of the context beside a quarter for the prompt. */
export function longestChoice(context: number): number {
  // Its last token is predicted and never read.
  return context - Math.ceil(context * PROMPT_SHARE) + 1;
}

/** The rule in words. */
export function truncationRule(context: number): string {
  return (
    `what does not fit into ${context} tokens loses its beginning, the demonstration first; choices are kept whole up to ` +
    `${longestChoice(context)} tokens, and an answer may take ${roomToWrite(context)}`
  );
}

/** Demonstration, two newlines, and each of the question's contexts with its continuation. */
export function choiceSequences(
  { contexts, continuations }: ChoiceQuestion,
  shot: string,
  tokenizer: Tokenizer,
): Sequence[] {
  return contexts.map((context, i) => {
    const prompt = `${shot}\n\n${context}`;
    // Encoded as one text: a tokenizer may join what would be apart otherwise.
    const ids = tokenizer.encode(prompt + continuations[i]);
    return { ids, start: Math.min(tokenizer.encode(prompt).length, ids.length - 1) };
  });
}

/**
 * Sequences of one question cut to the context. All lose as much at the beginning, so that they still begin alike.
 */
export function cutToContext(
  sequences: readonly Sequence[],
  context: number,
): { sequences: Sequence[]; truncated: boolean } {
  const ended = sequences.map(({ ids, start }) => ids.subarray(0, start + longestChoice(context)));
  const excess = Math.max(0, ...ended.map((ids) => ids.length - 1 - context));
  const cut = sequences.map(({ start }, i) => {
    const lost = Math.min(excess, start - 1);
    return { ids: ended[i].subarray(lost), start: start - lost };
  });
  return {
    sequences: cut,
    truncated: cut.some(({ ids }, i) => ids.length < sequences[i].ids.length),
  };
}

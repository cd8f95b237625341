/** Comparing a written answer with those that count as right. */

/**
 * An answer without case, punctuation and articles, as TriviaQA's own evaluation compares them (Joshi et al. 2017,
 * `triviaqa_evaluation.py`, normalize_answer).
 */
export function normalised(answer: string): string {
  return answer
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~‘’´]/g, ' ')
    .replace(/(?<!\p{L}|\p{N})(a|an|the)(?!\p{L}|\p{N})/gu, ' ')
    .trim()
    .replace(/\s+/g, ' ');
}

/** Whether an answer is one of those that are right; one of which nothing is left is compared as it stands. */
export function matches(answer: string, right: readonly string[]): boolean {
  const form = (text: string): string => normalised(text) || text.trim().toLowerCase();
  const given = form(answer);
  return given !== '' && right.some((text) => form(text) === given);
}

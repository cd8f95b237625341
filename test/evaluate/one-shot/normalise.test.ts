import { expect, test } from 'vitest';
import { matches, normalised } from '../../../src/evaluate/one-shot/normalise.ts';

test('case, punctuation, articles and spaces do not count, as in TriviaQA', () => {
  const same: [string, string][] = [
    ['The Sea', 'sea'],
    ['  a   whale ', 'whale'],
    ["Queen Anne's lace!", 'queen anne s lace'],
    ['snow_ball', 'snow ball'],
    ['‘Aye’', 'aye'],
    ['An apple, the pear', 'apple pear'],
    ['theatre', 'theatre'],
    ['Ana', 'ana'],
    ['café', 'café'],
    ['éa', 'éa'],
  ];
  for (const [answer, expected] of same) expect(normalised(answer)).toBe(expected);
});

test('any alias counts, nothing never does, and an answer that is an article is compared as it is', () => {
  expect(matches('the ice', ['Snow', 'Ice.'])).toBe(true);
  expect(matches('icy', ['Snow', 'Ice.'])).toBe(false);
  expect(matches('', ['Snow', ''])).toBe(false);
  expect(matches('...', ['the'])).toBe(false);
  expect(matches('A', ['a'])).toBe(true);
  expect(matches('the', ['a'])).toBe(false);
});

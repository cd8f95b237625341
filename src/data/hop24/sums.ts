/** Numbers. Sums and comparisons are asked several times in a question, and answered all but the last. */
import type { Random } from '../../tensor/random.ts';
import { DIGITS, distinct, LETTERS, pick, without } from './draw.ts';
import { ask, choicesAfter, joined, type Marked, ruled, type Task } from './question.ts';

export const parity: Task = {
  name: 'parity',
  doc: 'Whether the sum of all digits so far is even; letters among them add nothing.',
  choices: 2,
  draw(random) {
    const { told, last, said } = sums(random, (sum) => (sum % 2 === 0 ? 'y' : 'n'));
    return { query: ask`p ${told}`, ...choicesAfter(last, said, ['y', 'n']) };
  },
};

export const modular: Task = {
  name: 'modular',
  doc: 'What is left of the sum of all digits so far after division by 3; letters among them add nothing.',
  choices: 3,
  draw(random) {
    const { told, last, said } = sums(random, (sum) => String(sum % 3));
    return { query: ask`m ${told}`, ...choicesAfter(last, said, [...'012']) };
  },
};

/** Four digits and letters, each with what `say` makes of the sum so far; and one more, with what is to be said. */
function sums(random: Random, say: (sum: number) => string): { told: Marked; last: string; said: string } {
  const told: Marked[] = [];
  let sum = 0;
  for (;;) {
    const last = pick(random, pick(random, [DIGITS, DIGITS, LETTERS]));
    if (DIGITS.includes(last)) sum += Number(last);
    if (told.length === 4) return { told: joined(told, ' '), last, said: say(sum) };
    told.push(ask`${last}${ruled(say(sum))}`);
  }
}

export const marked: Task = {
  name: 'marked',
  doc: 'The digit in brackets among six.',
  choices: 4,
  draw(random) {
    const digits = distinct(random, DIGITS, 6);
    const place = random.int(6);
    const told = digits.map((digit, i) => (i === place ? ask`${'('}${digit})` : ask`${digit}`));
    const wrong = distinct(random, without(digits, digits[place]), 3);
    return { query: ask`brace ${joined(told)}`, answer: digits[place], wrong };
  },
};

export const compare: Task = {
  name: 'compare',
  doc: 'Whether the first of two digits is the larger.',
  choices: 2,
  draw(random) {
    const pairs = [0, 1, 2].map(() => distinct(random, DIGITS, 2));
    const [first, second, answer] = pairs.map(([a, b]) => (a > b ? 'y' : 'n'));
    const [one, two, asked] = pairs.map((pair) => pair.join(''));
    return {
      query: ask`c ${one} ${ruled(first)} ${two} ${ruled(second)} ${asked}`,
      answer,
      wrong: without(['y', 'n'], answer),
    };
  },
};

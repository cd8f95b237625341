/** Numbers. Sums and comparisons are asked several times in a question, and answered all but the last. */
import { DIGITS, distinct, LETTERS, pick, several, without } from './draw.ts';
import { ask, choicesAfter, joined, ruled, type Task } from './question.ts';

export const parity: Task = {
  name: 'parity',
  doc: 'Whether the sum of all digits so far is even: odd ones turn the answer over, letters among them do not.',
  choices: 2,
  draw(random) {
    let sum = 0;
    const told = Array.from({ length: 5 }, () => {
      const symbol = pick(random, pick(random, [DIGITS, DIGITS, LETTERS]));
      if (DIGITS.includes(symbol)) sum += Number(symbol);
      return ask`${symbol}${ruled(sum % 2 === 0 ? 'y' : 'n')}`;
    });
    const [asked, answer] = told.pop()!.text;
    return { query: ask`p ${joined(told, ' ')}`, ...choicesAfter(asked, answer, ['y', 'n']) };
  },
};

export const modular: Task = {
  name: 'modular',
  doc: 'What is left of the sum of all digits so far, each 0 to 6, after division by 3.',
  choices: 3,
  draw(random) {
    let sum = 0;
    const told = several(random, '0123456', 5).map((digit) => {
      sum += Number(digit);
      return ask`${digit}${ruled(sum % 3)}`;
    });
    const [asked, answer] = told.pop()!.text;
    return { query: ask`m ${joined(told, ' ')}`, ...choicesAfter(asked, answer, [...'012']) };
  },
};

export const marked: Task = {
  name: 'marked',
  doc: 'The digit in brackets among four.',
  choices: 4,
  draw(random) {
    const digits = distinct(random, DIGITS, 4);
    const place = random.int(4);
    const told = digits.map((digit, i) => (i === place ? ask`${'('}${digit})` : ask`${digit}`));
    const answer = digits[place];
    return { query: ask`bracket ${joined(told)}`, answer, wrong: without(digits, answer) };
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

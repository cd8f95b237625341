/** Finding one thing by another that stands beside it. What is asked for begins every choice. */
import { DIGITS, distinct, FEW_LETTERS, LETTERS, shuffled, without } from './draw.ts';
import { ask, choicesAfter, joined, ruled, type Task } from './question.ts';

export const lookup: Task = {
  name: 'lookup',
  doc: 'The digit beside a letter, in a table of three, after another letter and its digit.',
  choices: 3,
  draw(random) {
    const keys = distinct(random, LETTERS, 3);
    const values = distinct(random, DIGITS, 3);
    const [first, second] = distinct(random, [0, 1, 2], 2);
    const table = keys.map((key, i) => ask`${key}${values[i]}`);
    return {
      query: ask`see ${joined(table)} ${keys[first]}${ruled(values[first])}`,
      ...choicesAfter(keys[second], values[second], values),
    };
  },
};

export const recall: Task = {
  name: 'recall',
  doc: 'The letter that stands before another (associative recall), twice: nothing tells keys from values.',
  choices: 4,
  draw(random) {
    const word = distinct(random, FEW_LETTERS, 5);
    const [first, second] = distinct(random, [1, 2, 3, 4], 2);
    return {
      query: ask`last ${word.join('')} ${word[first]}${ruled(word[first - 1])}`,
      ...choicesAfter(word[second], word[second - 1], without(word, word[second])),
    };
  },
};

export const hop: Task = {
  name: 'hop',
  doc: 'Two look-ups, the second by what the first has found; the first finding is a choice too.',
  choices: 4,
  draw(random) {
    const [a, b, c, d, e] = distinct(random, LETTERS, 5);
    const pairs = shuffled(random, [a + b, b + c, d + e]).map((pair) => ask`${pair}`);
    return { query: ask`hops ${joined(pairs, ' ')}`, ...choicesAfter(a, c, [b, c, d, e]) };
  },
};

export const index: Task = {
  name: 'index',
  doc: 'The letter at a place, counted from 1, after another place and its letter.',
  choices: 5,
  draw(random) {
    const word = distinct(random, LETTERS, 6);
    const [first, second] = distinct(random, [0, 1, 2, 3, 4, 5], 2);
    return {
      query: ask`pos ${word.join('')} ${first + 1}${ruled(word[first])}`,
      ...choicesAfter(String(second + 1), word[second], without(word, word[first])),
    };
  },
};

export const largest: Task = {
  name: 'largest',
  doc: 'The letter beside the largest of three digits from 0 to 4: all are compared, then one looked up.',
  choices: 3,
  draw(random) {
    const keys = distinct(random, LETTERS, 3);
    const values = distinct(random, '01234', 3);
    const table = keys.map((key, i) => ask`${key}${values[i]}`);
    const answer = keys[values.indexOf([...values].sort()[2])];
    return { query: ask`highest ${joined(table)}`, answer, wrong: without(keys, answer) };
  },
};

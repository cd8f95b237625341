/** Finding one thing by another that stands beside it. */
import { DIGITS, distinct, LETTERS, pick, shuffled, without } from './draw.ts';
import { ask, joined, type Task } from './question.ts';

export const lookup: Task = {
  name: 'lookup',
  doc: 'The digit beside a letter, in a table of three.',
  choices: 3,
  draw(random) {
    const keys = distinct(random, LETTERS, 3);
    const values = distinct(random, DIGITS, 3);
    const asked = random.int(3);
    const table = keys.map((key, i) => ask`${key}${values[i]}`);
    const query = ask`look ${joined(table)}, ${keys[asked]}:`;
    return { query, answer: values[asked], wrong: without(values, values[asked]) };
  },
};

export const recall: Task = {
  name: 'recall',
  doc: 'The letter that came after this one (associative recall): nothing marks which are keys and which are values.',
  choices: 4,
  draw(random) {
    const word = distinct(random, LETTERS, 5);
    const asked = random.int(4);
    const answer = word[asked + 1];
    const query = ask`after ${word.join('')}, ${word[asked]}:`;
    return { query, answer, wrong: without(word.slice(1), answer) };
  },
};

export const hop: Task = {
  name: 'hop',
  doc: 'Two look-ups, the second by what the first has found; the first finding is a choice too.',
  choices: 4,
  draw(random) {
    const [a, b, c, d, e, f] = distinct(random, LETTERS, 6);
    const pairs = shuffled(random, [a + b, b + c, d + e, e + f]).map((pair) => ask`${pair}`);
    const [start, answer] = pick(random, [
      [a, c],
      [d, f],
    ]);
    return { query: ask`hop ${joined(pairs, ' ')}, ${start}:`, answer, wrong: without([b, c, e, f], answer) };
  },
};

export const index: Task = {
  name: 'index',
  doc: 'The letter at a place, counted from 1.',
  choices: 4,
  draw(random) {
    const word = distinct(random, LETTERS, 6);
    const place = random.int(6);
    const answer = word[place];
    const wrong = distinct(random, without(word, answer), 3);
    return { query: ask`place ${word.join('')}, ${place + 1}:`, answer, wrong };
  },
};

export const largest: Task = {
  name: 'largest',
  doc: 'The letter beside the largest of four digits: all are compared, then one looked up.',
  choices: 4,
  draw(random) {
    const keys = distinct(random, LETTERS, 4);
    const values = distinct(random, DIGITS, 4);
    const table = keys.map((key, i) => ask`${key}${values[i]}`);
    const answer = keys[values.indexOf([...values].sort()[3])];
    return { query: ask`most ${joined(table, ' ')}:`, answer, wrong: without(keys, answer) };
  },
};

/** The four tasks whose answers are written. */
import { DIGITS, distinct, LETTERS, shuffled } from './draw.ts';
import { ask, type Task } from './question.ts';

export const copy: Task = {
  name: 'copy',
  doc: 'Write the letters again. Each is found at one distance back.',
  choices: 0,
  draw(random) {
    const word = distinct(random, LETTERS, 5).join('');
    return { query: ask`copy ${word}`, answer: word };
  },
};

export const reverse: Task = {
  name: 'reverse',
  doc: 'Write the letters from the last to the first. Each is found at another distance back.',
  choices: 0,
  draw(random) {
    const word = distinct(random, LETTERS, 6);
    return { query: ask`re ${word.join('')}`, answer: word.reverse().join('') };
  },
};

export const sort: Task = {
  name: 'sort',
  doc: 'Write the digits in rising order. Each is the smallest of those that are left.',
  choices: 0,
  draw(random) {
    const digits = distinct(random, DIGITS, 3);
    return { query: ask`ordering ${digits.join('')}`, answer: [...digits].sort().join('') };
  },
};

export const select: Task = {
  name: 'select',
  doc: 'Write the letters and leave out the dots (selective copy). How far back each is depends on the dots between.',
  choices: 0,
  draw(random) {
    const letters = distinct(random, LETTERS, 4);
    const places = shuffled(random, [...letters.map(() => true), false, false]);
    let next = 0;
    const text = places.map((isLetter) => (isLetter ? letters[next++] : '.')).join('');
    return { query: ask`only ${text}`, answer: letters.join('') };
  },
};

/** Which letters are there, and how often. */
import { distinct, LETTERS, pick, shuffled, without } from './draw.ts';
import { ask, type Task } from './question.ts';

export const repeated: Task = {
  name: 'repeated',
  doc: 'The letter that is there twice: every letter is compared with every other.',
  choices: 4,
  draw(random) {
    const letters = distinct(random, LETTERS, 6);
    const [answer, ...others] = letters;
    const word = shuffled(random, [...letters, answer]).join('');
    return { query: ask`twice ${word}:`, answer, wrong: others.slice(0, 3) };
  },
};

export const same: Task = {
  name: 'same',
  doc: 'Whether two words are the same; if not, one letter is another. Three comparisons become one answer.',
  choices: 2,
  draw(random) {
    const [other, ...word] = distinct(random, LETTERS, 4);
    const [answer, wrong] = shuffled(random, ['yes', 'no']);
    const second = [...word];
    if (answer === 'no') second[random.int(3)] = other;
    return { query: ask`same ${word.join('')} ${second.join('')}:`, answer, wrong: [wrong] };
  },
};

export const majority: Task = {
  name: 'majority',
  doc: 'Which of two letters is there more often, five times to four at the closest.',
  choices: 2,
  draw(random) {
    const [answer, wrong] = distinct(random, LETTERS, 2);
    const more = pick(random, [5, 5, 6]);
    const word = shuffled(random, [...answer.repeat(more), ...wrong.repeat(9 - more)]);
    return { query: ask`many ${word.join('')}:`, answer, wrong: [wrong] };
  },
};

export const count: Task = {
  name: 'count',
  doc: 'How often a letter is there, from once to four times among six.',
  choices: 4,
  draw(random) {
    const [counted, ...others] = distinct(random, LETTERS, 7);
    const times = 1 + random.int(4);
    const word = shuffled(random, [...counted.repeat(times), ...others.slice(times)]);
    const answer = String(times);
    return {
      query: ask`count ${counted} ${word.join('')}:`,
      answer,
      wrong: without([...'1234'], answer),
    };
  },
};

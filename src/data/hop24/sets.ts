/** Which letters are there, and how often. */
import { distinct, FEW_LETTERS, LETTERS, pick, several, shuffled } from './draw.ts';
import { ask, choicesAfter, joined, ruled, type Task } from './question.ts';

export const repeated: Task = {
  name: 'repeated',
  doc: 'The letter that is there twice: every letter is compared with every other.',
  choices: 4,
  draw(random) {
    const letters = distinct(random, LETTERS, 6);
    const [answer, ...others] = letters;
    const word = shuffled(random, [...letters, answer]).join('');
    return { query: ask`double ${word}`, answer, wrong: others.slice(0, 3) };
  },
};

export const same: Task = {
  name: 'same',
  doc: 'Whether the same letter has been there before; asked of every letter of a word, answered for all but the last.',
  choices: 2,
  draw(random) {
    const fresh = distinct(random, FEW_LETTERS, 6);
    const word = [fresh.pop() as string];
    const told = [ask`${word[0]}n`];
    for (let i = 1; i < 6; i++) {
      const seen = random.int(2) === 0;
      word.push(seen ? pick(random, word) : (fresh.pop() as string));
      told.push(ask`${word[i]}${ruled(seen ? 'y' : 'n')}`);
    }
    const [asked, answer] = told.pop()!.text;
    return { query: ask`is ${joined(told)}`, ...choicesAfter(asked, answer, ['y', 'n']) };
  },
};

export const majority: Task = {
  name: 'majority',
  doc: 'Which of two letters is there more often, five times to four at the closest.',
  choices: 2,
  draw(random) {
    const [answer, wrong] = distinct(random, LETTERS, 2);
    const more = pick(random, [5, 6, 7]);
    const word = shuffled(random, [...answer.repeat(more), ...wrong.repeat(9 - more)]);
    return { query: ask`many ${word.join('')}`, answer, wrong: [wrong] };
  },
};

export const count: Task = {
  name: 'count',
  doc: 'How often a letter has been there, from once to four times; answered for all letters but the last.',
  choices: 4,
  draw(random) {
    const [counted, ...others] = distinct(random, 'BDFKM', 3);
    const times = 1 + random.int(4);
    const word = shuffled(random, [...counted.repeat(times - 1), ...several(random, others, 6 - times)]);
    const told = word.map((letter, i) => ask`${letter}${ruled(timesIn(word.slice(0, i + 1), letter))}`);
    return { query: ask`of ${joined(told)}`, ...choicesAfter(counted, String(times), [...'1234']) };
  },
};

function timesIn(word: readonly string[], letter: string): number {
  return word.filter((other) => other === letter).length;
}

/** What is open, and what has moved. */
import type { Random } from '../../tensor/random.ts';
import { DIGITS, distinct, LETTERS, pick, several, without } from './draw.ts';
import { ask, choicesAfter, joined, type Marked, type Task } from './question.ts';

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

export const dyck: Task = {
  name: 'dyck',
  doc: 'Which bracket closes the last that is open (a Dyck word): pairs that are closed must be seen as one.',
  choices: 2,
  draw(random) {
    const { prefix, open } = brackets(random, 9);
    const answer = CLOSING[open[open.length - 1]];
    return { query: ask`shut ${prefix}`, answer, wrong: without([')', ']'], answer) };
  },
};

/** The beginning of a Dyck word that leaves at least one open. */
function brackets(random: Random, length: number): { prefix: Marked; open: string[] } {
  const parts: Marked[] = [];
  const open: string[] = [];
  for (let left = length; left > 0; left--) {
    if (open.length > 1 && random.int(2) === 0)
      parts.push({ text: CLOSING[open.pop() as string], marks: '!' });
    else {
      open.push(pick(random, ['(', '[']));
      parts.push(ask`${open[open.length - 1]}`);
    }
  }
  return { prefix: joined(parts), open };
}

export const cycle: Task = {
  name: 'cycle',
  doc: 'The next letter of three or four that come round and round.',
  choices: 3,
  draw(random) {
    // There are fewer words of three.
    const period = pick(random, [3, 4, 4, 4]);
    const letters = distinct(random, LETTERS, period);
    const round = Array.from({ length: 9 }, (_, i) => letters[i % period]).join('');
    // Whether three or four come round, the fourth letter tells.
    const query = { text: `turn ${round}`, marks: `.....????!!!!!` };
    const answer = letters[9 % period];
    return { query, answer, wrong: distinct(random, without(letters, answer), 2) };
  },
};

export const swaps: Task = {
  name: 'swaps',
  doc: 'Which letter stands at a place after two swaps of two places: the first changes what the second moves.',
  choices: 3,
  draw(random) {
    const letters = distinct(random, LETTERS, 3);
    const places = [...letters];
    const done = several(random, ['12', '13', '23'], 2);
    for (const swap of done) {
      const [i, j] = [Number(swap[0]) - 1, Number(swap[1]) - 1];
      [places[i], places[j]] = [places[j], places[i]];
    }
    const asked = random.int(3);
    const query = ask`swap ${letters.join('')} ${done.join('')}`;
    return { query, ...choicesAfter(String(asked + 1), places[asked], letters) };
  },
};

export const moves: Task = {
  name: 'moves',
  doc: 'Where one of two is after five moves: the last move of that one counts, whatever came later.',
  choices: 5,
  draw(random) {
    const steps = several(random, 'BD', 5);
    const asked = pick(random, steps);
    const places = distinct(random, DIGITS, 5);
    const told = steps.map((who, i) => ask`${who}${places[i]}`);
    const place = places[steps.lastIndexOf(asked)];
    return { query: ask`at ${joined(told)}`, ...choicesAfter(asked, place, places) };
  },
};

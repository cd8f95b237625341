/** What is open, and what has moved. */
import type { Random } from '../../tensor/random.ts';
import { distinct, LETTERS, pick, several, without } from './draw.ts';
import { ask, joined, type Marked, type Task, word } from './question.ts';

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

export const dyck: Task = {
  name: 'dyck',
  doc: 'Which bracket closes the last that is open (a Dyck word): pairs that are closed must be seen as one.',
  choices: 2,
  draw(random) {
    const { prefix, open } = brackets(random, 12);
    const answer = CLOSING[open[open.length - 1]];
    return { query: ask`close ${prefix}:`, answer, wrong: without([')', ']'], answer) };
  },
};

/** The beginning of a Dyck word that ends with a closed bracket and leaves at least one open. */
function brackets(random: Random, length: number): { prefix: Marked; open: string[] } {
  const parts: Marked[] = [];
  const open: string[] = [];
  for (let left = length; left > 0; left--) {
    // Two are open before the last, which closes one of them.
    if (left === 1 || (open.length > (left === 2 ? 2 : 1) && random.int(2) === 0))
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
  doc: 'The next letter of three that come round and round.',
  choices: 3,
  draw(random) {
    const letters = distinct(random, LETTERS, 3);
    const length = 6 + random.int(3);
    const round = Array.from({ length: length - 3 }, (_, i) => letters[i % 3]).join('');
    const again = { text: round, marks: '!'.repeat(round.length) };
    const answer = letters[length % 3];
    return { query: ask`cycle ${letters.join('')}${again}${':'}`, answer, wrong: without(letters, answer) };
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
    const answer = places[asked];
    const query = ask`swap ${letters.join('')} ${done.join(' ')}, ${asked + 1}:`;
    return { query, answer, wrong: without(letters, answer) };
  },
};

export const moves: Task = {
  name: 'moves',
  doc: 'Where one of two is after three moves: the last move of that one counts, whatever came later.',
  choices: 4,
  draw(random) {
    const people = distinct(random, LETTERS, 2);
    const steps = several(random, people, 3);
    const asked = pick(random, steps);
    const places = distinct(random, ['aft', 'bow', 'deck', 'mast'], 4);
    const told = steps.map((who, i) => ask`${who} ${word(places[i])}`);
    const answer = places[steps.lastIndexOf(asked)];
    return { query: ask`${joined(told, ', ')}; ${asked}:`, answer, wrong: without(places, answer) };
  },
};

/** Small English. */
import { distinct, LETTERS, pick, several, shuffled } from './draw.ts';
import { ask, joined, type Task, word } from './question.ts';

export const negation: Task = {
  name: 'negation',
  doc: 'Whether something is up or down, where each of up to three times "not" turns the state over.',
  choices: 2,
  draw(random) {
    const name = distinct(random, LETTERS, 3).join('');
    const state = pick(random, ['up', 'down']);
    const nots = several(random, ['not '], random.int(4));
    const up = (state === 'up') === (nots.length % 2 === 0);
    const [answer, wrong] = up ? ['up', 'down'] : ['down', 'up'];
    return { query: ask`${name} is ${joined([...nots, `${state}:`].map(word))}`, answer, wrong: [wrong] };
  },
};

const NOUNS = ['whale', 'boat', 'sailor', 'rope', 'captain', 'harpoon', 'oar', 'mast', 'island', 'gull'];
const BESIDE = ['near', 'behind', 'above', 'over', 'under', 'with'];

export const agreement: Task = {
  name: 'agreement',
  doc: 'The verb of the first noun, with a second noun between them that may differ in number.',
  choices: 2,
  draw(random) {
    const [subject, other] = distinct(random, NOUNS, 2);
    const [answer, wrong] = shuffled(random, ['is', 'are']);
    const first = answer === 'are' ? 's ' : ' ';
    const second = pick(random, [':', 's:']);
    const between = pick(random, BESIDE);
    const query = ask`The ${word(subject)}${word(first)}${word(between)} the ${word(other)}${word(second)}`;
    return { query, answer, wrong: [wrong] };
  },
};

/** What a verb of the small world takes. First letters differ, so that one letter tells a thing from all others. */
const WORLD: readonly { verb: string; things: readonly string[] }[] = [
  { verb: 'eats', things: ['bread', 'fish', 'meat'] },
  { verb: 'sails', things: ['ship', 'yawl', 'dory'] },
  { verb: 'reads', things: ['log', 'atlas', 'note'] },
  { verb: 'wears', things: ['coat', 'hat', 'jersey'] },
];
const LIKE = ['old', 'young', 'thin', 'kind', 'grim', 'wise', 'fat', 'new'];
const WHO = ['cook', 'mate', 'boy', 'sailor', 'harpooner', 'lad', 'pilot', 'owner'];

export const cloze: Task = {
  name: 'cloze',
  doc: 'What a verb of a small world takes, with another verb and its clause before it.',
  choices: 4,
  draw(random) {
    const [main, ...others] = shuffled(random, WORLD);
    const [like, who] = [LIKE, WHO].map((words) => word(pick(random, words)));
    const query = ask`The ${like} ${who} who ${word(others[0].verb)} ${word(main.verb)} the`;
    return {
      query,
      answer: pick(random, main.things),
      wrong: others.map(({ things }) => pick(random, things)),
    };
  },
};

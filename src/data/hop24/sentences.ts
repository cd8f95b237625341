/** Small English. */
import { distinct, LETTERS, pick, shuffled, without } from './draw.ts';
import { ask, type Task, word } from './question.ts';

export const negation: Task = {
  name: 'negation',
  doc: 'Whether something is wet or dry, where "not" turns the state over and "yet" does not.',
  choices: 2,
  draw(random) {
    const name = distinct(random, LETTERS, 4).join('');
    const said = pick(random, ['not', 'yet']);
    const [state, other] = shuffled(random, ['wet', 'dry']);
    const [answer, wrong] = said === 'yet' ? [state, other] : [other, state];
    return { query: ask`${name} ${word(said)} ${word(state)}`, answer, wrong: [wrong] };
  },
};

const NOUNS = {
  is: ['boat', 'rope', 'mast', 'gull', 'deck', 'keel'],
  are: ['nets', 'oars', 'hats', 'fins', 'wigs', 'cups'],
};
const STUFF = ['salt', 'land', 'yarn', 'iron', 'tide', 'peat'];
const BESIDE = ['by', 'on', 'in', 'at', 'to', 'up'];

export const agreement: Task = {
  name: 'agreement',
  doc: 'The verb of the first noun, with a second noun between them that may have another number, or none.',
  choices: 2,
  draw(random) {
    const [answer, wrong] = shuffled(random, ['is', 'are'] as const);
    const subject = pick(random, NOUNS[answer]);
    const others = without([...NOUNS.is, ...NOUNS.are], subject);
    const other = pick(random, pick(random, [others, STUFF, STUFF]));
    const between = pick(random, BESIDE);
    return { query: ask`${word(subject)} ${word(between)} ${word(other)}`, answer, wrong: [wrong] };
  },
};

/** What a verb of the small world takes. First letters differ, so that one letter tells a thing from all others. */
const WORLD: readonly { verb: string; things: readonly string[] }[] = [
  { verb: 'eats', things: ['bean', 'fish', 'meat'] },
  { verb: 'rows', things: ['ship', 'yawl', 'dory'] },
  { verb: 'pens', things: ['list', 'acts', 'note'] },
  { verb: 'dons', things: ['coat', 'hood', 'vest'] },
];
const LIKE = ['tall', 'kind', 'grim', 'wise', 'poor', 'drab', 'fond', 'numb', 'able', 'calm', 'lean', 'vain'];
const WHO = ['cook', 'mate', 'hand', 'page', 'lass', 'seer', 'bard', 'king'];

export const cloze: Task = {
  name: 'cloze',
  doc: 'What a verb of a small world takes, with another verb and its clause before it.',
  choices: 4,
  draw(random) {
    const [main, ...others] = shuffled(random, WORLD);
    const [like, who] = [LIKE, WHO].map((words) => word(pick(random, words)));
    const query = ask`${like} ${who} who ${word(others[0].verb)} ${word(main.verb)}`;
    return {
      query,
      answer: pick(random, main.things),
      wrong: others.map(({ things }) => pick(random, things)),
    };
  },
};

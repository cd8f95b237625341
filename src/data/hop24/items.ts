/** Questions of the suite, each a pure function of its task, its part, a seed and its number. */
import { Random } from '../../tensor/random.ts';
import { answerMarks, type Task } from './question.ts';

/** All that occur in the suite, blank lines between questions included. */
export const hop24Characters = '\n .()[]0123456789BDFKMRTWabcdefghijklmnopqrstuvwxyz';

export type Part = 'train' | 'validation';

/** A question with its answer. Choices are empty where the answer is written. */
export interface Item {
  query: string;
  answer: string;
  choices: string[];
  /** Where the answer stands among the choices. */
  gold: number;
  /** One mark per character of `itemText`: `.` determined, `?` arbitrary, `!` by the rule. */
  marks: string;
}

/** One query in so many is for validation. */
const VALIDATION = 8;

/**
 * Question `number` of a part. The text of a query alone decides which part it belongs to, so none can be in both: those
 * of the other part are drawn again. A task has 720 queries (sort) or more, mostly thousands.
 */
export function hop24Item(task: Task, part: Part, seed: number, number: number): Item {
  const random = new Random(seed).fork(task.name).fork(part).fork(number);
  let question = task.draw(random);
  while (partOf(question.query.text) !== part) question = task.draw(random);
  const { query, answer, wrong } = question;
  const choices = [...(wrong ?? [])];
  const gold = random.int(choices.length + 1);
  if (wrong) choices.splice(gold, 0, answer);
  return { query: query.text, answer, choices, gold, marks: `${query.marks}.${answerMarks(question)}` };
}

/** What a model reads: the query, a space, the answer. */
export function itemText({ query, answer }: Pick<Item, 'query' | 'answer'>): string {
  return `${query} ${answer}`;
}

/** Share of the questions that guessing gets right. */
export function chanceOf({ choices }: Task): number {
  return choices === 0 ? 0 : 1 / choices;
}

export function partOf(query: string): Part {
  return hash(query) % VALIDATION === 0 ? 'validation' : 'train';
}

/** FNV-1a, mixed once more so that the low bits depend on every character. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

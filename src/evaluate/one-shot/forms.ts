/** The kinds of prompt forms: how a line of a file becomes a question. A form is data; tasks.ts has those of all tasks. */
import type { Question } from './question.ts';
import { fieldsOf, fill, quoted, type Row, textAt, textsAt, valueAt } from './template.ts';

/** Which choice is right. */
interface Gold {
  /** Path of the number of the right choice, counted from 0, or of its label; a list where several are right. */
  gold: string;
  /** What the label of each choice may be, alternatives between bars; or the path of the list of labels. */
  labels?: string | readonly string[];
}

/** A prompt, and choices to go on with. */
export interface ChoicesForm extends Gold {
  kind: 'choices';
  prompt: string;
  /** The path of a list, or a template each. */
  choices: string | readonly string[];
}

/** One continuation behind contexts that differ ("partial evaluation", Trinh & Le 2018). */
export interface ContextsForm extends Gold {
  kind: 'contexts';
  /** The path of a list. */
  contexts: string;
  continuation: string;
}

/** A text with a gap that each choice fills. */
export interface GapForm extends Gold {
  kind: 'gap';
  /** What stands before the text; scored is then the whole text. Without it: only what follows the gap. */
  prompt?: string;
  /** Path of the text. */
  text: string;
  /** What marks the gap; or the paths of the word that stands there and of its place, in characters. */
  gap: string | { word: string; at: string };
  /** The path of a list, or a template each. */
  choices: string | readonly string[];
}

/** A prompt, and an answer to write. */
export interface OpenForm {
  kind: 'open';
  prompt: string;
  /** Paths of answers, one or lists. */
  answers: readonly string[];
  /** What to answer where there are none. */
  none?: string;
}

export type Form = ChoicesForm | ContextsForm | GapForm | OpenForm;

/** The question that a row asks in a form. @throws Error that names the field which is not what the form has there */
export function ask(form: Form, row: Row): Question {
  switch (form.kind) {
    case 'choices': {
      const choices = choicesOf(form.choices, row);
      const prompt = fill(form.prompt, row);
      const contexts = choices.map(() => prompt);
      return {
        contexts,
        continuations: choices.map((choice) => ` ${choice}`),
        gold: goldOf(form, row, choices),
      };
    }
    case 'contexts': {
      const contexts = textsAt(row, form.contexts, 2);
      const continuation = ` ${fill(form.continuation, row)}`;
      return { contexts, continuations: contexts.map(() => continuation), gold: goldOf(form, row, contexts) };
    }
    case 'gap': {
      const choices = choicesOf(form.choices, row);
      const gold = goldOf(form, row, choices);
      const { before, word, after } = cut(form, row);
      const filled = choices.map((choice) => before + inPlaceOf(word, choice, before));
      if (form.prompt === undefined)
        return { contexts: filled, continuations: choices.map(() => after), gold };
      const prompt = fill(form.prompt, row);
      return {
        contexts: choices.map(() => prompt),
        continuations: filled.map((text) => ` ${text}${after}`),
        gold,
      };
    }
    case 'open': {
      const found = form.answers.flatMap((path) => valueAt(row, path) as string[]);
      const answers = found.length === 0 && form.none !== undefined ? [form.none] : found;
      if (
        answers.length === 0 ||
        !answers.every((answer) => typeof answer === 'string' && answer.trim() !== '')
      ) {
        throw new Error(
          `${form.answers.join(' and ')} must be texts or lists of texts, not ${quoted(found)}`,
        );
      }
      return { context: fill(form.prompt, row), answers: answers.map((answer) => answer.trim()) };
    }
  }
}

/** The paths of all fields that a form reads. */
export function fieldsRead(form: Form): string[] {
  const paths = (choices: string | readonly string[]): readonly string[] =>
    typeof choices === 'string' ? [choices] : choices.flatMap(fieldsOf);
  const labels = 'labels' in form && typeof form.labels === 'string' ? [form.labels] : [];
  switch (form.kind) {
    case 'choices':
      return [...fieldsOf(form.prompt), ...paths(form.choices), ...labels, form.gold];
    case 'contexts':
      return [form.contexts, ...fieldsOf(form.continuation), form.gold];
    case 'gap': {
      const gap = typeof form.gap === 'string' ? [] : [form.gap.word, form.gap.at];
      return [...fieldsOf(form.prompt ?? ''), form.text, ...gap, ...paths(form.choices), form.gold];
    }
    case 'open':
      return [...fieldsOf(form.prompt), ...form.answers];
  }
}

function choicesOf(choices: string | readonly string[], row: Row): string[] {
  return typeof choices === 'string' ? textsAt(row, choices, 2) : choices.map((choice) => fill(choice, row));
}

function goldOf({ gold, labels }: Gold, row: Row, choices: readonly string[]): number[] {
  const names = (): string[][] => {
    if (labels === undefined) return choices.map((_, i) => [String(i)]);
    if (typeof labels === 'string') return textsAt(row, labels).map((label) => [label]);
    return labels.map((label) => label.split('|'));
  };
  const known = names();
  const values = [valueAt(row, gold)].flat().map((value) => String(value).trim());
  const right = values.map((value) => known.findIndex((names) => names.includes(value)));
  const inside = [...new Set(right)].filter((i) => i >= 0 && i < choices.length);
  if (inside.length > 0) return inside;
  const some = known.flat().slice(0, 8).join(', ');
  throw new Error(`${gold} must be one of ${some}, not ${quoted(valueAt(row, gold))}`);
}

/** The text on both sides of the gap, and the word that stands in it. */
function cut({ text: path, gap }: GapForm, row: Row): { before: string; word: string; after: string } {
  const text = textAt(row, path);
  const word = typeof gap === 'string' ? gap : textAt(row, gap.word);
  const at = typeof gap === 'string' ? text.indexOf(gap) : Number(valueAt(row, gap.at));
  if (!text.startsWith(word, at) || at < 0) {
    throw new Error(`${path} must have ${quoted(word)} ${at < 0 ? 'in it' : `at character ${at}`}`);
  }
  return { before: text.slice(0, at), word, after: text.slice(at + word.length) };
}

/** A choice where a pronoun stood: in the genitive for a possessive one, and without a capital inside a sentence. */
function inPlaceOf(word: string, choice: string, before: string): string {
  const inside = /[^.?!"\s]\s*$/.test(before);
  const text = inside
    ? choice.replace(/^(The|An?|My|His|Her|Our|Their)\b/, (article) => article.toLowerCase())
    : choice;
  return /^(my|his|her|our|their)$/i.test(word) && !text.endsWith("'s") ? `${text}'s` : text;
}

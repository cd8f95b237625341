/** What a task asks, and how hard each of its characters is to predict. */
import type { Random } from '../../tensor/random.ts';

/**
 * A text and one mark per character: `.` determined by the form of the task, `?` arbitrary (drawn, so that no model can
 * know it), `!` follows from what stands before by the rule of the task.
 */
export interface Marked {
  text: string;
  marks: string;
}

/** A question as a task draws it. */
export interface Question {
  query: Marked;
  answer: string;
  /** The other choices, all different; none where the answer is to be written. */
  wrong?: readonly string[];
}

/** One of the suite's tasks. Every question has one right answer, so that the ceiling is always 100 %. */
export interface Task {
  name: string;
  /** What is asked, and why it is hard. */
  doc: string;
  /** Choices per question: chance is one in so many. 0 where the answer is written: chance is then nothing. */
  choices: number;
  /** Draws a question. Its answers, and the places of the wrong choices, are as likely as each other. */
  draw: (random: Random) => Question;
}

/** A query: what is written in the template is determined, what is put into it is arbitrary or brings its own marks. */
export function ask(form: TemplateStringsArray, ...values: (string | number | Marked)[]): Marked {
  const parts = form.flatMap((text, i) => {
    const fixed = { text, marks: '.'.repeat(text.length) };
    return i < values.length ? [fixed, marked(values[i])] : [fixed];
  });
  return joined(parts);
}

/** Several texts one after another, with determined characters between them. */
export function joined(parts: readonly Marked[], between = ''): Marked {
  return {
    text: parts.map(({ text }) => text).join(between),
    marks: parts.map(({ marks }) => marks).join('.'.repeat(between.length)),
  };
}

/** One of a list in which first letters differ: the first is arbitrary and determines the others. */
export function word(text: string): Marked {
  return { text, marks: `?${'.'.repeat(text.length - 1)}` };
}

function marked(value: string | number | Marked): Marked {
  if (typeof value === 'object') return value;
  const text = String(value);
  return { text, marks: '?'.repeat(text.length) };
}

/** Choices that all begin with what is asked for, so that a model reads it right before it answers. */
export function choicesAfter(
  asked: string,
  right: string,
  all: readonly string[],
): { answer: string; wrong: string[] } {
  return {
    answer: asked + right,
    wrong: all.filter((one) => one !== right).map((one) => asked + one),
  };
}

/** What follows by the rule of the task, inside a query: the answer to an earlier question of the kind. */
export function ruled(text: string | number): Marked {
  return { text: String(text), marks: '!'.repeat(String(text).length) };
}

/**
 * What all choices begin with is arbitrary: it is what is asked for. The next character tells a choice from the others, so
 * the rest is determined. What is written is all rule.
 */
export function answerMarks({ answer, wrong }: Question): string {
  if (!wrong) return '!'.repeat(answer.length);
  const asked = [...answer].findIndex((character, i) => wrong.some((other) => other[i] !== character));
  return `${'?'.repeat(asked)}!${'.'.repeat(answer.length - asked - 1)}`;
}

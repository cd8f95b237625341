import { expect, test } from 'vitest';
import { hop24Files } from '../../src/data/hop24/files.ts';
import { readTasks } from '../../src/evaluate/one-shot/files.ts';
import type { Question } from '../../src/evaluate/one-shot/question.ts';
import { hop24Questions } from '../../src/reproduce/hop24-questions.ts';
import { freshPath } from '../train/tiny.ts';

test('questions are those of the files that hop24Files writes', () => {
  const folder = freshPath();
  hop24Files(folder, { questions: 5, seed: 0 });
  // In files the answer stands among its aliases as well.
  const once = (question: Question): Question =>
    'answers' in question ? { ...question, answers: [...new Set(question.answers)] } : question;
  const read = readTasks(folder).sets.map(({ task, version, questions, training }) => ({
    task,
    version,
    questions: questions.map(once),
    training: training?.map(once),
  }));
  const byName = (a: { task: string }, b: { task: string }): number => (a.task < b.task ? -1 : 1);
  expect(hop24Questions(5).sort(byName)).toEqual(read.sort(byName));
  expect(read).toHaveLength(24);
});

import { hop24Item, type Part } from '../data/hop24/items.ts';
import type { Task } from '../data/hop24/question.ts';
import { hop24 } from '../data/hop24/tasks.ts';
import type { Question, QuestionSet } from '../evaluate/one-shot/question.ts';

/** What every model is asked: the questions of all cells are these. */
const SEED = 0;

/** hop-24 as `hop24Files` would write and `readTasks` read it. @param count questions per task, and demonstrations */
export function hop24Questions(count: number): QuestionSet[] {
  return hop24.map((task) => ({
    task: task.name,
    version: 1,
    questions: questionsOf(task, 'validation', count),
    training: questionsOf(task, 'train', count),
  }));
}

function questionsOf(task: Task, part: Part, count: number): Question[] {
  return Array.from({ length: count }, (_, number) => {
    const { query, answer, choices, gold } = hop24Item(task, part, SEED, number);
    if (choices.length === 0) return { context: query, answers: [answer] };
    return {
      contexts: choices.map(() => query),
      continuations: choices.map((choice) => ` ${choice}`),
      gold: [gold],
    };
  });
}

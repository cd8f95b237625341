/** The suite as files, in the uniform format of one-shot tasks. Node only. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hop24Item, type Item, type Part } from './items.ts';
import { hop24 } from './tasks.ts';

/**
 * Writes every task's questions for validation to `<name>.jsonl`, and as many that training may see, to draw
 * demonstrations from, to `<name>.train.jsonl`. Lines hold `query`, `choices`, `gold`, or `context`, `answer`, `aliases`
 * where the answer is written; and `marks`, one per character of the question, a space and its answer.
 *
 * @param folder made where there is none
 * @param questions per file
 */
export function hop24Files(folder: string, { questions, seed }: { questions: number; seed: number }): void {
  mkdirSync(folder, { recursive: true });
  for (const task of hop24) {
    const write = (part: Part, name: string): void => {
      const items = Array.from({ length: questions }, (_, i) => hop24Item(task, part, seed, i));
      writeFileSync(join(folder, name), items.map((item) => `${JSON.stringify(rowOf(item))}\n`).join(''));
    };
    write('validation', `${task.name}.jsonl`);
    write('train', `${task.name}.train.jsonl`);
  }
}

function rowOf({ query, answer, choices, gold, marks }: Item): object {
  if (choices.length === 0) return { context: query, answer, aliases: [answer], marks };
  return { query, choices, gold, marks };
}

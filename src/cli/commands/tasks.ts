import { Command, Option } from 'commander';
import { hop24Files } from '../../data/hop24/files.ts';
import { chanceOf, hop24Item, itemText } from '../../data/hop24/items.ts';
import { hop24 } from '../../data/hop24/tasks.ts';
import { percent } from '../../report/format.ts';
import { bold, columns, dim, pad } from '../../report/terminal-text.ts';
import { addJson, addSeed, countFrom, examples, filled } from '../options.ts';
import { Output } from '../output.ts';

interface TasksOptions {
  out?: string;
  questions: number;
  seed: number;
  json?: boolean;
}

/** `hopgrad tasks`: what hop-24 asks, and its files for `eval --tasks`. */
export function tasksCommand(): Command {
  const command = new Command('tasks')
    .description('List the 24 generated tasks of hop-24, each with a question; --out writes them as files.')
    .option('--out <dir>', 'write JSONL files for eval --tasks into this folder', filled)
    .addOption(
      new Option('--questions <n>', 'with --out: questions in each file')
        .argParser(countFrom(1))
        .default(200),
    )
    .addHelpText(
      'after',
      examples(
        'tasks',
        'tasks --out hop24 --questions 400',
        'train --hop24 0.5 --out runs/mine',
        'eval --run runs/mine --tasks hop24',
      ),
    );
  addSeed(command, 'which questions are drawn');
  return addJson(command).action((options: TasksOptions) => {
    const given = command.getOptionValueSource('questions') === 'cli';
    if (given && options.out === undefined)
      throw new Error('--questions does nothing without --out; leave it out, or give a folder');
    listTasks(options);
  });
}

function listTasks({ out: folder, questions, seed, json }: TasksOptions): void {
  const out = new Output(json);
  const tasks = hop24.map((task) => ({
    name: task.name,
    doc: task.doc,
    choices: task.choices,
    chance: chanceOf(task),
    example: itemText(hop24Item(task, 'validation', seed, 0)),
  }));
  if (folder !== undefined) hop24Files(folder, { questions, seed });
  out.say(tasksTable(tasks, out.colour));
  if (folder !== undefined) {
    out.say(`\n${questions} questions of each, and as many for demonstrations: ${folder}`);
  }
  out.result({ tasks, seed, ...(folder === undefined ? {} : { folder, questions }) });
}

interface TaskLine {
  name: string;
  doc: string;
  choices: number;
  chance: number;
  example: string;
}

/** Two lines a task: its name, what guessing scores and a question; and what is asked. */
function tasksTable(tasks: readonly TaskLine[], colour: boolean): string {
  const cells = tasks.map(({ name, choices, chance, example }) => [
    name,
    choices === 0 ? 'written' : `${choices} choices`,
    percent(chance, 0),
    example,
  ]);
  const head = ['task', 'answer', 'chance', 'a question and its answer'];
  const widths = head.map((title, i) => Math.max(...[title, ...cells.map((row) => row[i])].map(columns)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => pad(cell, widths[i], i === 2 ? 'left' : 'right'))
      .join('  ')
      .trimEnd();
  return [
    dim(line(head), colour),
    ...cells.flatMap((row, i) => [
      line(row).replace(row[0], bold(row[0], colour)),
      dim(`  ${tasks[i].doc}`, colour),
    ]),
  ].join('\n');
}

/** Task files: which file is which task's, and its questions. Node only. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ask, type Form, fieldsRead } from './forms.ts';
import type { Question, QuestionSet } from './question.ts';
import { formsOf, type Task, tasks } from './tasks.ts';
import type { Row } from './template.ts';

/** A task whose questions come from files. */
export interface TaskFiles extends QuestionSet {
  file: string;
  /** Fingerprint of the file, so that scores on another edition of the data are not compared. */
  sha256: string;
}

const SPLIT = /(^|[._-])(train|dev\d*|val|valid|validation|test|small)$/i;

/**
 * The tasks whose files stand in a folder, at any depth, in the order of the table; and the names of all other files.
 * Of several files of one task a training file (`COPA.train.jsonl`, `COPA/train.jsonl`) gives the demonstrations, and one
 * the questions: rather a validation than a test file, whose labels are often not public.
 *
 * @throws Error naming file, line and what was expected there
 */
export function readTasks(folder: string): { sets: TaskFiles[]; others: string[] } {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile())
    .sort();
  const others = new Set(names);
  const sets = tasks.flatMap((task) => {
    const own = names.filter((file) => file.endsWith('.jsonl') && task.stems.includes(stemOf(file)));
    const training = own.find((file) => splitOf(file) === 'train');
    const asked = own.filter((file) => splitOf(file) !== 'train');
    const name = asked.find((file) => splitOf(file) !== 'test') ?? asked[0];
    if (name === undefined) return [];
    for (const used of [name, training ?? name]) others.delete(used);
    const file = join(folder, name);
    return {
      task: task.name,
      version: task.version,
      file,
      sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
      questions: readQuestions(task, file),
      training: training === undefined ? null : readQuestions(task, join(folder, training)),
    };
  });
  return { sets, others: [...others] };
}

/** The part of a file's name, or of its folder's, that names the task: letters and digits, in lower case. */
function stemOf(file: string): string {
  let name = basename(file, '.jsonl');
  while (SPLIT.test(name)) name = name.replace(SPLIT, '');
  return (name || basename(dirname(file))).toLowerCase().replace(/[^a-z0-9]/g, '');
}

function splitOf(file: string): string | undefined {
  return SPLIT.exec(basename(file, '.jsonl'))?.[2].toLowerCase();
}

/** @throws Error naming file, line and what was expected there */
function readQuestions(task: Task, file: string): Question[] {
  const lines = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .split('\n');
  const questions = lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      return rowsOf(task, line).map((row) => ask(formFor(task, row), row));
    } catch (error) {
      throw new Error(`${file}, line ${i + 1} (${task.name}): ${(error as Error).message}`, { cause: error });
    }
  });
  if (questions.length === 0)
    throw new Error(`${file} holds no questions; put lines of JSON into it, or take it away`);
  return questions;
}

function rowsOf(task: Task, line: string): Row[] {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    // Said below, with what else is no object.
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw new Error(`not a JSON object; expected ${expected(task)}`);
  }
  return task.unfold ? task.unfold(row as Row) : [row as Row];
}

function formFor(task: Task, row: Row): Form {
  const own = Object.keys(row).filter((name) => row[name] !== undefined);
  const form = formsOf(task).find((form) => topFields(form).every((name) => own.includes(name)));
  if (form) return form;
  throw new Error(`has the fields ${own.slice(0, 12).join(', ')}; expected ${expected(task)}`);
}

function expected(task: Task): string {
  return formsOf(task)
    .map((form) => topFields(form).join(', '))
    .join('; or ');
}

function topFields(form: Form): string[] {
  return [...new Set(fieldsRead(form).map((path) => path.split('.')[0]))];
}

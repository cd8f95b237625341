import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { partOf } from '../../src/data/hop24/items.ts';
import { hop24 } from '../../src/data/hop24/tasks.ts';
import { freshPath } from '../train/tiny.ts';
import { hopgradHere } from './run-cli.ts';

const trained = fileURLToPath(new URL('../goldens/one-shot/trained', import.meta.url));
interface Listing {
  tasks: { name: string; doc: string; choices: number; chance: number; example: string }[];
}
const listed = async (...more: string[]): Promise<Listing> =>
  JSON.parse((await hopgradHere(['tasks', '--json', ...more])).stdout);

test('lists every task with what is asked, what guessing scores and a question', async () => {
  const { status, stdout, stderr } = await hopgradHere(['tasks']);
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1 + 2 * hop24.length);
  const { tasks } = await listed();
  expect(tasks.map(({ name }) => name)).toEqual(hop24.map(({ name }) => name));
  tasks.forEach(({ name, doc, choices, chance, example }, i) => {
    expect(lines[1 + 2 * i]).toMatch(new RegExp(`^${name} +(written|${choices} choices) +\\d+%  \\S`));
    expect(lines[1 + 2 * i].endsWith(example)).toBe(true);
    expect(lines[2 + 2 * i]).toBe(`  ${doc}`);
    expect([choices, chance]).toEqual([hop24[i].choices, choices === 0 ? 0 : 1 / choices]);
    expect(partOf(example.replace(/ \S+$/, ''))).toBe('validation');
  });
});

test('another seed shows other questions', async () => {
  expect(await listed('--seed', '0')).toEqual(await listed());
  expect((await listed('--seed', '1')).tasks[0].example).not.toBe((await listed()).tasks[0].example);
});

test('--out writes the files that eval --tasks reads, the same ones of the same seed', async () => {
  const [folder, again, other] = [freshPath(), freshPath(), freshPath()];
  const { stdout } = await hopgradHere(['tasks', '--out', folder, '--questions', '3', '--seed', '4']);
  expect(stdout).toContain(`\n3 questions of each, and as many for demonstrations: ${folder}\n`);
  const result = await listed('--out', again, '--questions', '3', '--seed', '4');
  expect(result).toMatchObject({ folder: again, questions: 3, seed: 4 });
  await hopgradHere(['tasks', '--out', other, '--questions', '3', '--seed', '5']);
  const texts = (path: string): string[] =>
    readdirSync(path)
      .sort()
      .map((name) => readFileSync(`${path}/${name}`, 'utf8'));
  expect(texts(folder)).toHaveLength(2 * hop24.length);
  expect(texts(again)).toEqual(texts(folder));
  expect(texts(other)).not.toEqual(texts(folder));

  const scores = await hopgradHere(['eval', '--run', trained, '--tasks', folder, '--limit', '1', '--json']);
  const read = JSON.parse(scores.stdout).tasks;
  expect(read.map(({ name }: { name: string }) => name).sort()).toEqual(hop24.map(({ name }) => name).sort());
  expect(read.every((task: Record<string, unknown>) => task.demonstrations === 'training file')).toBe(true);
});

const file = freshPath();
writeFileSync(file, '');

test.each([
  [['--questions', '3'], '--questions does nothing without --out; leave it out, or give a folder'],
  [['--questions', '0', '--out', 'x'], "option '--questions <n>' argument '0' is invalid"],
  [['--out', ''], "option '--out <dir>' argument '' is invalid. It must not be empty."],
  [['--out', file], 'a file stands where a folder was expected'],
])('%j is a mistake', async (more, message) => {
  const { status, stdout, stderr } = await hopgradHere(['tasks', ...more]);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
});

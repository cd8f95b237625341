import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hop24Files } from '../../../src/data/hop24/files.ts';
import { hop24 } from '../../../src/data/hop24/tasks.ts';
import { readTasks } from '../../../src/evaluate/one-shot/files.ts';
import { tasks } from '../../../src/evaluate/one-shot/tasks.ts';
import { complaint, freshPath } from '../../train/tiny.ts';

const row = { query: 'ask', choices: ['one', 'two'], gold: 0 };
const line = JSON.stringify(row);

/** A folder with these files in it. */
function folderOf(files: Record<string, string>): string {
  const folder = freshPath();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('the files of hop-24 are read as they are written', () => {
  const folder = freshPath();
  hop24Files(folder, { questions: 3, seed: 1 });
  const { sets, others } = readTasks(folder);
  expect(others).toEqual([]);
  expect(sets.map(({ task }) => task).sort()).toEqual(hop24.map(({ name }) => name).sort());
  for (const { questions, training } of sets) {
    expect([questions.length, training?.length]).toEqual([3, 3]);
  }
});

test('the paper has 24 tasks, and no two share a name', () => {
  const ours = ['WSC', ...hop24.map(({ name }) => name)];
  expect(tasks.filter(({ name }) => !ours.includes(name))).toHaveLength(24);
  const stems = tasks.flatMap((task) => task.stems);
  expect(new Set(stems).size).toBe(stems.length);
});

describe('names', () => {
  test.each([
    ['copa.jsonl', 'COPA'],
    ['COPA.dev32.jsonl', 'COPA'],
    ['copa_small.jsonl', 'COPA'],
    ['COPA/val.jsonl', 'COPA'],
    ['superglue/COPA/validation.jsonl', 'COPA'],
    ['ARC-Challenge-Test.jsonl', 'ARC-c'],
    ['arc_easy.jsonl', 'ARC-e'],
    ['anli_r3.test.jsonl', 'ANLI R3'],
    ['race-middle.jsonl', 'RACE-m'],
    ['winograd_wsc.jsonl', 'Winograd'],
  ])('%s is %s', (name, task) => {
    const { sets, others } = readTasks(folderOf({ [name]: line }));
    expect(sets.map((set) => set.task)).toEqual([task]);
    expect(others).toEqual([]);
  });

  test('what is no task, and a second file of one, are passed over and named', () => {
    const files = {
      'README.md': '',
      'lambada.jsonl': '{}',
      'piqa.jsonl': line,
      'piqa.test.jsonl': '{}',
      'rte.json': '',
    };
    const { sets, others } = readTasks(folderOf(files));
    expect(sets.map(({ task }) => task)).toEqual(['PIQA']);
    expect(others).toEqual(['README.md', 'lambada.jsonl', 'piqa.test.jsonl', 'rte.json']);
  });

  test('a training file gives demonstrations, and is no task by itself', () => {
    const both = readTasks(folderOf({ 'CB/train.jsonl': `${line}\n${line}\n`, 'CB/val.jsonl': line }))
      .sets[0];
    expect(both.questions).toHaveLength(1);
    expect(both.training).toHaveLength(2);
    const { sets, others } = readTasks(folderOf({ 'copa.train.jsonl': line }));
    expect({ sets, others }).toEqual({ sets: [], others: ['copa.train.jsonl'] });
    expect(readTasks(folderOf({ 'copa.jsonl': line })).sets[0].training).toBe(null);
  });

  test('in the order of the table, with a fingerprint', () => {
    const files = { 'b/copa.jsonl': line, 'arc_easy.jsonl': `\uFEFF${line}\r\n\r\n${line}` };
    const { sets } = readTasks(folderOf(files));
    expect(sets.map(({ task, questions }) => [task, questions.length])).toEqual([
      ['ARC-e', 2],
      ['COPA', 1],
    ]);
    expect(sets[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(sets[0].sha256).not.toBe(sets[1].sha256);
  });
});

describe('a line that is wrong is named, with what was expected', () => {
  const messageOf = (text: string, name = 'copa.jsonl'): string => {
    const folder = folderOf({ [name]: text });
    return complaint(() => readTasks(folder)).replace(`${folder}/`, '');
  };
  const withField = (field: string, value: unknown): string => JSON.stringify({ ...row, [field]: value });
  const fields =
    'expected premise, question, choice1, choice2, label; or query, choices, gold; or context_options, continuation, gold';

  test.each([
    [`${line}\n{"query": `, `copa.jsonl, line 2 (COPA): not a JSON object; ${fields}`],
    ['[1]', `copa.jsonl, line 1 (COPA): not a JSON object; ${fields}`],
    ['null', `copa.jsonl, line 1 (COPA): not a JSON object; ${fields}`],
    ['{"query":"x"}', `copa.jsonl, line 1 (COPA): has the fields query; ${fields}`],
    [withField('gold', 2), 'copa.jsonl, line 1 (COPA): gold must be one of 0, 1, not 2'],
    [withField('gold', 'b'), 'copa.jsonl, line 1 (COPA): gold must be one of 0, 1, not "b"'],
    [
      withField('choices', ['one']),
      'copa.jsonl, line 1 (COPA): choices must be a list of 2 texts or more, not ["one"]',
    ],
    [
      withField('choices', 'one'),
      'copa.jsonl, line 1 (COPA): choices must be a list of 2 texts or more, not "one"',
    ],
    [withField('query', [1]), 'copa.jsonl, line 1 (COPA): query must be a text, not [1]'],
    [withField('query', ' '), 'copa.jsonl, line 1 (COPA): query must be a text, not " "'],
    ['\n\n', 'copa.jsonl holds no questions; put lines of JSON into it, or take it away'],
  ])('%j', (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  test('in fields of the original files too', () => {
    const messages = [
      messageOf('{"question": {"stem": "x"}, "answerKey": "A"}', 'arc_easy.jsonl'),
      messageOf('{"premise": "x", "hypothesis": "y", "label": "maybe"}', 'CB.jsonl'),
      messageOf('{"sentence": "no gap", "option1": "x", "option2": "y", "answer": "1"}', 'winogrande.jsonl'),
      messageOf('{"sentence": "x _ y", "option1": "x", "option2": "y", "answer": ""}', 'winogrande.jsonl'),
      messageOf(
        '{"text": "he ran", "pronoun": "he", "pronoun_loc": 3, "options": ["x", "y"], "label": 0}',
        'wsc273.jsonl',
      ),
      messageOf('{"question": "x", "answer": {"value": 3, "aliases": []}}', 'triviaqa.jsonl'),
      messageOf('{"question": "x", "answer": []}', 'nq.jsonl'),
      messageOf('{"passage": {"text": "x", "entities": [{}]}, "qas": [{}]}', 'record.jsonl'),
      messageOf(
        '{"passage": {"text": "x", "entities": [{"start": 0, "end": 0}]}, "qas": [null]}',
        'record.jsonl',
      ),
    ];
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "arc_easy.jsonl, line 1 (ARC-e): question.choices.text must be a list of 2 texts or more, not missing
      CB.jsonl, line 1 (CB): label must be one of entailment, 0, contradiction, 1, neutral, 2, not "maybe"
      winogrande.jsonl, line 1 (WinoGrande): sentence must have "_" in it
      winogrande.jsonl, line 1 (WinoGrande): answer must be one of 1, 2, not ""
      wsc273.jsonl, line 1 (WSC273): text must have "he" at character 3
      triviaqa.jsonl, line 1 (TriviaQA): answer.value and answer.aliases must be texts or lists of texts, not [3]
      nq.jsonl, line 1 (NQ): answer must be texts or lists of texts, not []
      record.jsonl, line 1 (ReCoRD): passage.entities must be a list of spans { start, end }
      record.jsonl, line 1 (ReCoRD): has the fields passage, entities; expected passage, query, entities, answers; or query, choices, gold; or context_options, continuation, gold"
    `);
  });
});

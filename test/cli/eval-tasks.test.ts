/** `hopgrad eval --tasks`, on the files of test/goldens/one-shot. What it answers is compared with PyTorch there. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freshPath } from '../train/tiny.ts';
import { hopgradHere, type Outcome } from './run-cli.ts';

const here = fileURLToPath(new URL('../goldens/one-shot/', import.meta.url));
const evaluate = (...more: string[]): Promise<Outcome> =>
  hopgradHere(['eval', '--run', `${here}trained`, ...more]);

test('scores of all tasks that are there, as a table and as JSON', async () => {
  const words = await evaluate('--tasks', `${here}tasks`, '--seed', '5');
  expect(words.stderr).toBe('');
  expect(words.stdout).toMatchInlineSnapshot(`
    "task           questions  metric        score  chance  layers  FLOPs   cut  unknown  shot from
    TriviaQA v1            2  exact match    0.0%    0.0%    1.05  16.9k    0%     0.0%  leave-one-out
    ARC-e v1               2  accuracy      50.0%   29.2%    0.98  14.8k    0%     0.0%  leave-one-out
    BoolQ v1               2  accuracy     100.0%   50.0%    0.98  15.6k   50%     0.3%  training file
    CB v1                  3  accuracy      33.3%   33.3%    0.98  16.4k  100%     0.0%  training file
    COPA v1                2  accuracy      50.0%   50.0%    1.07  16.0k    0%     0.0%  leave-one-out
    PIQA v1                3  accuracy       0.0%   50.0%    1.02  16.2k   33%     0.2%  training file
    ReCoRD v1              2  accuracy      50.0%   33.3%    1.08  16.5k    0%     0.0%  leave-one-out
    Winograd v1            2  accuracy       0.0%   50.0%    1.05  16.1k    0%     0.0%  training file
    WinoGrande v1          2  accuracy      50.0%   50.0%    1.02  14.7k    0%     0.0%  leave-one-out
    mean accuracy of 8: 41.7%
    mean exact match of 1: 0.0%

    shot seed 5
    cut       what does not fit into 160 tokens loses its beginning, the demonstration first; choices are kept whole up to 121 tokens, and an answer may take 40
    device    cpu
    "
  `);
  const { stdout } = await evaluate('--tasks', `${here}tasks`, '--seed', '5', '--json');
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ shotSeed: 5, context: 160, device: 'cpu', passedOver: [] });
  expect(result.truncation).toContain('what does not fit into 160 tokens loses its beginning');
  expect(result.tasks).toHaveLength(9);
  expect(Object.keys(result.tasks[0]).sort()).toEqual(
    [
      'chance',
      'demonstrations',
      'denseFlopsPerToken',
      'file',
      'flopsPerToken',
      'layersPerToken',
      'metric',
      'name',
      'questions',
      'score',
      'sha256',
      'tokens',
      'truncatedShare',
      'unknownShare',
      'version',
    ].sort(),
  );
  expect(Object.keys(result.averages)).toEqual(['accuracy', 'exact match']);
});

test('--limit, --answers, and files that are no tasks', async () => {
  const folder = freshPath();
  mkdirSync(folder);
  const lines = Array.from({ length: 4 }, (_, i) =>
    JSON.stringify({ query: `it is ${i}, so`, choices: ['x', 'yy'], gold: 1 }),
  );
  writeFileSync(`${folder}/copa.jsonl`, lines.join('\n'));
  writeFileSync(`${folder}/notes.txt`, '');
  const answers = `${freshPath()}.jsonl`;
  const { stderr, stdout } = await evaluate('--tasks', folder, '--limit', '3', '--answers', answers);
  expect(stderr).toBe('! not task files, so passed over: notes.txt\n');
  expect(stdout).toContain('COPA v1');
  const read = readFileSync(answers, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(read.map(({ task, question }) => [task, question])).toEqual([0, 1, 2].map((i) => ['COPA', i]));
  expect(read[0].logProbabilities).toHaveLength(2);
});

test.each([
  [['--limit', '3'], '--limit does nothing without --tasks; leave it out, or give a folder of tasks'],
  [['--answers', 'x'], '--answers does nothing without --tasks; leave it out, or give a folder of tasks'],
  [['--tasks', 'x', '--batches', '3'], "option '--tasks <dir>' cannot be used with option '--batches <n>'"],
  [['--tasks', 'x', '--data', 'y'], "option '--tasks <dir>' cannot be used with option '--data <path>'"],
  [['--tasks', '/nowhere'], '/nowhere: there is no such file or folder'],
  [['--tasks', `${here}trained`], 'holds no file of a known task; name it for its task, as in copa.jsonl'],
  [['--tasks', ''], "option '--tasks <dir>' argument '' is invalid. It must not be empty."],
])('%j is a mistake', async (more, message) => {
  const { status, stdout, stderr } = await evaluate(...more);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
});

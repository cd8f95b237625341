import { expect, test } from 'vitest';
import { taskTable } from '../../src/report/task-table.ts';

const rows = [
  {
    name: 'ARC-e',
    version: 1,
    questions: 2376,
    demonstrations: 'leave-one-out',
    metric: 'accuracy',
    score: 0.2345,
    chance: 0.25,
    layersPerToken: 3.019,
    flopsPerToken: 412345,
    truncatedShare: 0.98,
    unknownShare: 0.0123,
  },
  {
    name: 'TriviaQA',
    version: 2,
    questions: 32,
    demonstrations: 'training file',
    metric: 'exact match',
    score: 0,
    chance: 0,
    layersPerToken: 12,
    flopsPerToken: 1.2e6,
    truncatedShare: 0,
    unknownShare: 0,
  },
];

test('one-shot scores with what they cost', () => {
  expect(`\n${taskTable(rows, false)}\n`).toMatchInlineSnapshot(`
    "
    task         questions  metric       score  chance  layers  FLOPs  cut  unknown  shot from
    ARC-e v1          2376  accuracy     23.4%   25.0%    3.02   412k  98%     1.2%  leave-one-out
    TriviaQA v2         32  exact match   0.0%    0.0%   12.00  1.20M   0%     0.0%  training file
    "
  `);
});

test('colours only where asked', () => {
  expect(taskTable(rows, false)).not.toContain('\x1b');
  expect(taskTable(rows, true)).toContain('\x1b[1m');
});

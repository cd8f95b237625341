/** One-shot scores as a table in the terminal. */
import { fixed, humanNumber, percent } from './format.ts';
import { alignedTable } from './terminal-text.ts';

/** What the table shows of a task. */
export interface TaskRow {
  name: string;
  version: number;
  questions: number;
  demonstrations: string;
  metric: string;
  score: number;
  chance: number;
  layersPerToken: number;
  flopsPerToken: number;
  truncatedShare: number;
  unknownShare: number;
}

const HEAD = [
  'task',
  'questions',
  'metric',
  'score',
  'chance',
  'layers',
  'FLOPs',
  'cut',
  'unknown',
  'shot from',
];

/** A row per task: layers and FLOPs are means per token; `cut` is the share of questions that lost their beginning. */
export function taskTable(rows: readonly TaskRow[], colour: boolean): string {
  const cells = rows.map((row) => [
    `${row.name} v${row.version}`,
    String(row.questions),
    row.metric,
    percent(row.score),
    percent(row.chance),
    fixed(row.layersPerToken, 2),
    humanNumber(row.flopsPerToken),
    percent(row.truncatedShare, 0),
    percent(row.unknownShare),
    row.demonstrations,
  ]);
  return alignedTable(HEAD, cells, { left: ['task', 'metric', 'shot from'], colour });
}

/** One-shot scores as a table in the terminal. */
import { fixed, humanNumber, percent } from './format.ts';
import { bold, columns, dim, pad } from './terminal-text.ts';

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
  const widths = HEAD.map((name, i) => Math.max(columns(name), ...cells.map((row) => columns(row[i]))));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => pad(cell, widths[i], /task|metric|shot/.test(HEAD[i]) ? 'right' : 'left'))
      .join('  ')
      .trimEnd();
  return [
    dim(line(HEAD), colour),
    ...cells.map((row) => line(row).replace(row[0], bold(row[0], colour))),
  ].join('\n');
}

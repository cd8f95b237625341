/** The tables of a reproduction in Markdown, for the README and the docs. */
import {
  chanceNote,
  claimTable,
  modelTable,
  signLegend,
  speedTable,
  type TextTable,
  taskScores,
} from './tables.ts';
import type { Reproduction } from './types.ts';

/** The lines of one table; what its marks stand for comes after it. */
export function markdownTable({ head, rows, notes }: TextTable): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [
    line(head),
    `|---|${'---:|'.repeat(head.length - 1)}`,
    ...rows.map(line),
    ...(notes.length > 0 ? ['', ...notes.map((note, i) => `[${i + 1}] ${note}.  `)] : []),
  ];
}

/** All tables under their headings. */
export function reproductionMarkdown(reproduction: Reproduction): string {
  const { rows, claims, taskClaims, missing, origins } = reproduction;
  const part = (title: string, table: TextTable, ...about: string[]): string[] =>
    table.rows.length === 0 ? [] : [`## ${title}`, '', ...about, ...markdownTable(table), ''];
  return [
    '# Reproduction',
    '',
    'Written by `hopgrad reproduce --report`. Means over seeds ± half their 95 % intervals.',
    '',
    ...missing.map((line) => `- Missing: ${line}`),
    ...(missing.length > 0 ? [''] : []),
    ...part('Models', modelTable(rows)),
    ...part(
      'Claims by held-out loss',
      claimTable(claims, 'held-out loss'),
      `Nats per token that the model is better by: ${signLegend}. ${chanceNote(claims)}`,
      '',
    ),
    ...part(
      'Claims by hop-24',
      claimTable(claims, 'hop-24'),
      'Points that the model is better by, over the tasks that count.',
      '',
    ),
    ...part(
      'Tasks',
      taskScores(reproduction),
      `Percent right. Behind it stands what a model shows beside both controls: ${signLegend}. ${chanceNote(taskClaims)}`,
      '',
    ),
    ...part('Speed', speedTable(rows)),
    '## Origin',
    '',
    ...origins.map((line) => `- ${line}`),
    '',
  ].join('\n');
}

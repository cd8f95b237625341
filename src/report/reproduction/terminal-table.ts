/** A reproduction in the terminal. */
import { humanNumber } from '../format.ts';
import { alignedTable, dim, yellow } from '../terminal-text.ts';
import { plusMinus } from './tables.ts';
import type { Reproduction } from './types.ts';

/** A row per model: what it costs, what it reaches, and whether routing pays by its held-out loss; then what is missing. */
export function reproductionTable({ rows, claims, missing }: Reproduction, colour: boolean): string {
  const verdictOf = (name: string): string =>
    claims.find(({ row, measure }) => row === name && measure === 'held-out loss')?.verdict ?? '';
  const table = alignedTable(
    ['model', 'seeds', 'layers', 'FLOPs', 'held-out loss', 'dense, same FLOPs', 'above chance', 'routing is'],
    rows.map((row) => [
      row.name,
      String(row.seeds.length),
      plusMinus({ ...row.layersPerToken, half: Number.NaN }, 2),
      humanNumber(row.flopsPerToken.mean),
      plusMinus(row.loss),
      plusMinus(row.denseLoss),
      plusMinus(row.points, 1, 100),
      verdictOf(row.name),
    ]),
    { left: ['model', 'routing is'], colour },
  );
  const key = [
    'layers, FLOPs: per token; ±: half a 95% interval over seeds; above chance: points on hop-24',
    'routing is: by held-out loss, beside both a random gate of the same density and a dense model of the same FLOPs',
  ];
  return [
    table,
    '',
    ...key.map((line) => dim(line, colour)),
    ...missing.map((line) => yellow(`missing: ${line}`, colour)),
  ].join('\n');
}

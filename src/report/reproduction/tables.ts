/** The tables of a reproduction as texts, for the page, for Markdown and for the terminal alike. */
import { fixed, humanDuration, humanNumber, percent } from '../format.ts';
import type { Claim, Comparison, Estimate, ModelRow, Reproduction, Verdict } from './types.ts';

export interface TextTable {
  head: string[];
  rows: string[][];
  /** What stands behind marks such as [1], in their order. */
  notes: string[];
}

/** `1.532 ± 0.012`; without the interval where there is none. @param factor 100 for points */
export function plusMinus(estimate: Estimate | null, digits: number = 3, factor: number = 1): string {
  if (estimate === null) return fixed(undefined);
  const value = fixed(factor * estimate.mean, digits);
  return Number.isFinite(estimate.half) ? `${value} ± ${fixed(factor * estimate.half, digits)}` : value;
}

/** A row per model, layers and density. */
export function modelTable(rows: readonly ModelRow[]): TextTable {
  return {
    head: [
      'model',
      'seeds',
      'layers per token',
      'FLOPs per token',
      'held-out loss',
      'dense, same FLOPs',
      'bits per character',
      'exact match',
      'accuracy',
      'points above chance',
      'parameters',
    ],
    rows: rows.map((row) => [
      row.name,
      String(row.seeds.length),
      fixed(row.layersPerToken.mean, 2),
      humanNumber(row.flopsPerToken.mean),
      plusMinus(row.loss),
      plusMinus(row.denseLoss),
      fixed(row.bitsPerCharacter.mean),
      row.exactMatch === null ? percent(undefined) : percent(row.exactMatch.mean),
      row.accuracy === null ? percent(undefined) : percent(row.accuracy.mean),
      plusMinus(row.points, 1, 100),
      humanNumber(row.parameters),
    ]),
    notes: [],
  };
}

/** A row per claim of one measure. */
export function claimTable(claims: readonly Claim[], measure: string): TextTable {
  const notes: string[] = [];
  const scores = measure !== 'held-out loss';
  const cell = ({ verdict, advantage, reason }: Comparison): string => {
    if (reason !== '' && !notes.includes(reason)) notes.push(reason);
    const difference = advantage === null ? '' : signed(advantage, scores);
    return `${difference}${SIGNS[verdict]}${reason === '' ? '' : ` [${notes.indexOf(reason) + 1}]`}`.trim();
  };
  const rows = claims
    .filter((claim) => claim.measure === measure)
    .map((claim) => [
      claim.row,
      ...(scores ? [String(claim.tasks.length)] : []),
      cell(claim.random),
      cell(claim.dense),
      claim.verdict,
      cell(claim.equalDepth),
      Number.isNaN(claim.equalDepth.flopsRatio) ? '' : `${fixed(claim.equalDepth.flopsRatio, 2)}×`,
    ]);
  return {
    head: [
      'model',
      ...(scores ? ['tasks that count'] : []),
      'beside a random gate',
      'beside dense, same FLOPs',
      'beside both',
      'beside dense, same depth',
      'at its FLOPs',
    ],
    rows,
    notes,
  };
}

/** `+0.012 ± 0.004`. @param scores of shares, shown as points; otherwise of nats */
export function signed(advantage: Estimate, scores: boolean): string {
  const text = scores ? plusMinus(advantage, 1, 100) : plusMinus(advantage);
  return advantage.mean > 0 ? `+${text}` : text;
}

const SIGNS: Readonly<Record<Verdict, string>> = {
  better: ' ▲',
  worse: ' ▼',
  'no difference seen': ' =',
  'not tested': ' ·',
};

/** What the signs of `claimTable` and `taskScores` mean. */
export const signLegend: string = '▲ better, = no difference seen, ▼ worse, · not tested';

/** Percent right: a row per model, a column per task. */
export function taskScores({ tasks, rows, taskClaims }: Reproduction): TextTable {
  const verdicts = new Map(taskClaims.map(({ row, measure, verdict }) => [`${row} ${measure}`, verdict]));
  const percent = (share = Number.NaN): string => fixed(100 * share, 0);
  return {
    head: ['model', ...tasks.map(({ name }) => name)],
    rows: [
      ['chance', ...tasks.map(({ chance }) => percent(chance))],
      ...rows.map((row) => [
        row.name,
        ...tasks.map(({ name }) => {
          const verdict = verdicts.get(`${row.name} ${name}`);
          return `${percent(row.tasks[name]?.mean)}${verdict ? SIGNS[verdict] : ''}`;
        }),
      ]),
    ],
    notes: [],
  };
}

/** Speeds beside those of the dense twins. */
export function speedTable(rows: readonly ModelRow[]): TextTable {
  const times = (ratio: number | undefined): string =>
    ratio === undefined ? fixed(ratio) : `${fixed(ratio, 2)}×`;
  return {
    head: [
      'model',
      'training, tokens/s',
      'of its twin',
      'by FLOPs',
      'decoding, ms per token',
      'faster than its twin',
      'by FLOPs',
    ],
    rows: rows.flatMap(({ name, timing }) => {
      if (timing === null) return [];
      const { trainingTokensPerSecond, decodeSecondsPerToken, twin } = timing;
      return [
        [
          name,
          humanNumber(trainingTokensPerSecond),
          times(twin?.trainingTokensPerSecond && trainingTokensPerSecond / twin.trainingTokensPerSecond),
          times(twin?.trainingFlopsRatio),
          fixed(1000 * decodeSecondsPerToken),
          times(twin?.decodeSecondsPerToken && twin.decodeSecondsPerToken / decodeSecondsPerToken),
          times(twin?.decodeFlopsRatio),
        ],
      ];
    }),
    notes: [],
  };
}

/** Spearman's correlation of a token's loss with its layers, and the training behind each row. */
export function depthTable(rows: readonly ModelRow[]): TextTable {
  return {
    head: ['model', 'loss with layers', 'training', 'FLOPs in training'],
    rows: rows
      .filter(({ lossDepthCorrelation }) => lossDepthCorrelation !== null)
      .map(({ name, lossDepthCorrelation, training }) => [
        name,
        plusMinus(lossDepthCorrelation),
        humanDuration(training.seconds),
        humanNumber(training.flopsPerToken),
      ]),
    notes: [],
  };
}

/** `better 3, no difference seen 1, worse 0, not tested 2`. */
export function verdictCounts(verdicts: readonly Verdict[]): string {
  const all: Verdict[] = ['better', 'no difference seen', 'worse', 'not tested'];
  return all.map((one) => `${one} ${verdicts.filter((verdict) => verdict === one).length}`).join(', ');
}

/** How many differences were judged, and how many of them chance alone would show. */
export function chanceNote(claims: readonly Claim[]): string {
  const judged = claims.flatMap(({ random, dense }) => [random, dense]).filter(({ reason }) => reason === '');
  if (judged.length === 0) return 'No difference could be judged yet.';
  return (
    `${judged.length} differences were judged, each by a 95 % interval: about ${Math.round(judged.length / 20)} of them would ` +
    'show where there is none.'
  );
}

/** A grid of models that train in moments, in this process. */
import { readFileSync } from 'node:fs';
import { resultFile } from '../../src/reproduce/cell-files.ts';
import type { Cell } from '../../src/reproduce/grid.ts';
import { type ComparedName, models } from '../../src/reproduce/models.ts';
import { type CellOptions, runCell } from '../../src/reproduce/run-cell.ts';
import { type GridOutcome, type RunGridOptions, runGrid } from '../../src/reproduce/run-grid.ts';
import type { CellResult } from '../../src/reproduce/types.ts';
import { textFile, tinyRun } from '../train/tiny.ts';

const data = textFile();
export const QUESTIONS = 2;

export function tinyCell(model: ComparedName, seed = 0, steps = 6): Cell {
  const config = tinyRun({ steps, seed, hop24: 0.5 }, { ...models[model].model, feedForward: 2, seed });
  const density = { dense: 1, 'early-exit': 0.75 }[model as string] ?? 0.5;
  return { name: `${model}-${seed}`, model, layers: 2, density, seed, config: { ...config, data } };
}

/** Runs cells in this process. */
export function runTiny(
  cells: readonly Cell[],
  folder: string,
  options: Partial<RunGridOptions & Pick<CellOptions, 'keep'>> = {},
): Promise<GridOutcome> {
  const { keep, ...others } = options;
  return runGrid(cells, {
    folder,
    questions: QUESTIONS,
    jobs: 2,
    signal: new AbortController().signal,
    start: (cell, hooks) =>
      runCell(cell, { ...hooks, folder, questions: QUESTIONS, command: 'by hand', keep }),
    ...others,
  });
}

/** A cell's file without times and dates. */
export function figuresOf(folder: string, cell: Cell): object {
  const result: CellResult = JSON.parse(readFileSync(resultFile(folder, cell), 'utf8'));
  const { seconds: _1, ...training } = result.training;
  const { date: _2, ...origin } = result.origin;
  return { ...result, training, origin };
}

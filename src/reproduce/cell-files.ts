/** What lies in the folder of a reproduction, and whether it belongs to the grid that is asked for. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RunConfig } from '../train/config.ts';
import { readJson } from '../train/corpus.ts';
import { RunFolder } from '../train/run-folder.ts';
import type { Cell } from './grid.ts';
import type { CellResult } from './types.ts';

export function resultFile(folder: string, { name }: Pick<Cell, 'name'>): string {
  return join(folder, `${name}.json`);
}

export function runPath(folder: string, { name }: Pick<Cell, 'name'>): string {
  return join(folder, 'runs', name);
}

/** What results are called; other files are none of ours. */
const RESULT = /-seed\d+\.json$/;

/**
 * All results in a folder, of whatever grid, by name.
 *
 * @throws Error where a file is damaged, or two results are of different recipes
 */
export function resultsIn(folder: string): CellResult[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => RESULT.test(name)) : [];
  const results = files.sort().map((name) => readResult(join(folder, name)));
  checkSameRecipe(results);
  return results;
}

function readResult(file: string): CellResult {
  const result = readJson(file) as unknown as CellResult;
  const lacks = whatLacks(result);
  if (lacks !== undefined) {
    throw new Error(
      `${file} is no whole result of a cell (${lacks} is missing); move it elsewhere, and the cell is made again`,
    );
  }
  const name = `${result.cell}.json`;
  if (basename(file) === name) return result;
  throw new Error(`${file} holds the result of ${result.cell}; name it ${name}, or move it elsewhere`);
}

/** The first thing that a result cannot do without and that is not there, or not what it should be. */
function whatLacks({ cell, seed, config, training, text, tasks }: Partial<CellResult>): string | undefined {
  const parts: [string, boolean][] = [
    ['cell', typeof cell === 'string'],
    ['seed', Number.isSafeInteger(seed)],
    ['config.model', isObject(config?.model)],
    ['config.training', isObject(config?.training)],
    ['training.seconds', typeof training?.seconds === 'number'],
    ['text.loss', typeof text?.loss === 'number'],
    ['text.words', Array.isArray(text?.words)],
    ['tasks', Array.isArray(tasks) && tasks.length > 0 && tasks.every(isObject)],
  ];
  return parts.find(([, there]) => !there)?.[0];
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The part of a configuration that models of the comparison do not differ in, and the questions per task. */
function sharedRecipe({ training, data, tokenizer, model }: RunConfig, questions: number): object {
  const { steps, batchSize, learningRate, warmup, weightDecay, clip, optimizer, hop24 } = training;
  const { dim, heads, context } = model;
  return {
    training: { steps, batchSize, learningRate, warmup, weightDecay, clip, optimizer, hop24 },
    data,
    tokenizer,
    model: { dim, heads, context },
    questions,
  };
}

/** @throws Error where two results cannot be compared, for they are of different recipes */
export function checkSameRecipe(results: readonly CellResult[]): void {
  for (const result of results.slice(1)) {
    const [first, own] = [results[0], result].map((one) => sharedRecipe(one.config, questionsOf(one)));
    const differing = differences(first, own);
    if (differing === '') continue;
    throw new Error(
      `${result.cell}.json is of another recipe than ${results[0].cell}.json (${differing}), so they cannot be ` +
        'compared; move those of one recipe to a folder of their own',
    );
  }
}

/** @throws Error where what lies in a folder cannot be compared with a cell that is to be trained into it */
export function checkAsked(folder: string, { config }: Cell, questions: number): void {
  const [result] = resultsIn(folder); // all are of one recipe
  if (!result) return;
  const there = sharedRecipe(result.config, questionsOf(result));
  const differing = differences(sharedRecipe(config, questions), there);
  if (differing === '') return;
  throw new Error(
    `${resultFile(folder, { name: result.cell })} is of another recipe (${differing}); ask for its settings, or give another --out`,
  );
}

function questionsOf({ tasks }: CellResult): number {
  return Math.max(...tasks.map((task) => task.questions));
}

/**
 * The result of a cell, or null where there is none yet.
 *
 * @throws Error where what lies there, finished or not, is of another configuration
 */
export function finishedCell(folder: string, cell: Cell, questions: number): CellResult | null {
  const file = resultFile(folder, cell);
  const begun = runPath(folder, cell);
  if (!existsSync(file)) {
    if (existsSync(join(begun, 'config.json'))) checkConfig([begun], new RunFolder(begun).config(), cell);
    return null;
  }
  const result = readResult(file);
  checkConfig([file, ...(existsSync(begun) ? [begun] : [])], result.config, cell);
  const asked = questionsOf(result);
  if (asked !== questions) {
    throw new Error(
      `${file} was measured on ${asked} questions a task, not ${questions}; delete it, give --questions ${asked}, or another --out`,
    );
  }
  return result;
}

/**
 * The vocabulary follows from the text, so a grid does not know it.
 *
 * @param paths what holds the configuration, and what else has to go for the cell to be trained again
 */
function checkConfig([path, ...others]: string[], found: RunConfig, { config }: Cell): void {
  const { model, training, data, tokenizer, device } = config;
  const { vocabularySize } = found.model;
  const wanted = { model: { ...model, vocabularySize }, training, data, tokenizer, device };
  const differing = differences(wanted, found);
  if (differing === '') return;
  const all = ['it', ...others].join(' and ');
  throw new Error(
    `${path} is of another recipe (${differing}); delete ${all} to train it again, or give another --out`,
  );
}

/** The first settings of `wanted` that are others in `found`: `model.dim 32, not 64; training.steps 2, not 3`. */
function differences(wanted: object, found: object): string {
  const [a, b] = [wanted, found] as Record<string, unknown>[];
  const all = Object.keys(a).flatMap((part) => difference(part, a[part], b[part]));
  return all.slice(0, 3).join('; ');
}

/** `model.dim 32, not 64`, for every setting that differs. */
function difference(name: string, wanted: unknown, found: unknown): string[] {
  if (isDeepStrictEqual(wanted, found)) return [];
  if (typeof wanted !== 'object' || wanted === null || typeof found !== 'object' || found === null) {
    return [`${name} ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];
  }
  const keys = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  const [a, b] = [wanted, found] as Record<string, unknown>[];
  return [...keys].flatMap((key) => difference(`${name}.${key}`, a[key], b[key]));
}

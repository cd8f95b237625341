/** What lies in the folder of a reproduction, and whether it belongs to the grid that is asked for. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
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

/** All results in a folder, of whatever grid, by name. @throws Error where a file holds none */
export function resultsIn(folder: string): CellResult[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const cells = files.filter((name) => name !== 'timing.json').sort();
  return cells.map((name) => readResult(join(folder, name)));
}

function readResult(file: string): CellResult {
  const result = readJson(file) as unknown as CellResult;
  if (typeof result.text?.loss === 'number' && Array.isArray(result.tasks)) return result;
  throw new Error(
    `${file} is no result of a cell; move it elsewhere, or delete it to have the cell made again`,
  );
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
    if (existsSync(join(begun, 'config.json'))) checkConfig(begun, new RunFolder(begun).config(), cell);
    return null;
  }
  const result = readResult(file);
  checkConfig(file, result.config, cell);
  const asked = Math.max(...result.tasks.map((task) => task.questions));
  if (asked !== questions) {
    throw new Error(
      `${file} was measured on ${asked} questions a task, not ${questions}; delete it, give --questions ${asked}, or another --out`,
    );
  }
  return result;
}

/** The vocabulary follows from the text, so a grid does not know it. */
function checkConfig(path: string, found: RunConfig, { config }: Cell): void {
  const wanted = { ...config, model: { ...config.model, vocabularySize: found?.model?.vocabularySize } };
  const differing = (['model', 'training', 'data', 'tokenizer', 'device'] as const).flatMap((part) =>
    difference(part, wanted[part], found?.[part]),
  );
  if (differing.length === 0) return;
  throw new Error(
    `${path} is of another recipe (${differing.slice(0, 3).join('; ')}); delete it to train it again, or give another --out`,
  );
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

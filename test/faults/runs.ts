/** Training runs to be disturbed: started, stopped and compared to the bit with one that nobody disturbed. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { hopgrad, tiny } from '../cli/run-cli.ts';
import { freshPath, savedCurve, savedState, textFile } from '../train/tiny.ts';

/** A training: everything but where. */
export interface Training {
  args: string[];
  checkpointEvery: number;
  /** Folder of a run that was never disturbed. */
  whole: string;
}

/** @param options of `train`, after those of a tiny model */
export function training(checkpointEvery: number, ...options: string[]): Training {
  const own = ['--data', textFile(300), '--noise', '1', '--checkpoint-every', String(checkpointEvery)];
  const args = ['train', ...tiny, ...own, ...options];
  const whole = freshPath();
  expect(hopgrad([...args, '--out', whole])).toMatchObject({ status: 0 });
  return { args, checkpointEvery, whole };
}

/** The command that begins a run in a folder, or goes on with the one in it. */
export function nextCommand({ args }: Training, folder: string): string[] {
  return existsSync(join(folder, 'config.json')) ? ['train', '--resume', folder] : [...args, '--out', folder];
}

/** Rows, weights for other tools, and all of the training's state are those of the run never disturbed. */
export function expectSameBits(folder: string, { whole }: Training): void {
  expect(savedCurve(folder)).toEqual(savedCurve(whole));
  expect(savedState(folder)).toEqual(savedState(whole));
  const weights = (path: string): Buffer => readFileSync(join(path, 'model.safetensors'));
  expect(weights(folder).equals(weights(whole))).toBe(true);
}

/** How `node` is told to load a file of this folder first. */
export function preload(name: string): { NODE_OPTIONS: string } {
  return { NODE_OPTIONS: `--import=${new URL(`preload/${name}.mjs`, import.meta.url).href}` };
}

export const main: string = resolve('dist/src/cli/main.js');

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkAsked, checkSameRecipe, resultsIn } from '../../src/reproduce/cell-files.ts';
import { makeCell } from '../../src/reproduce/grid.ts';
import type { CellResult } from '../../src/reproduce/types.ts';
import { complaint, freshPath } from '../train/tiny.ts';
import { fakeCell } from './fake-cells.ts';

const dense = fakeCell({ model: 'dense', layers: 3 });
const learned = fakeCell({ model: 'learned-b', layers: 6, density: 0.5, seed: 1 });

/** A folder with files of these names. */
function folderOf(files: Record<string, unknown>): string {
  const folder = freshPath();
  mkdirSync(folder);
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
  return folder;
}

describe('results in a folder', () => {
  test('are the files with the names of cells; others are passed over', () => {
    const files = { [`${learned.cell}.json`]: learned, [`${dense.cell}.json`]: dense };
    const folder = folderOf({
      ...files,
      'package.json': {},
      'grid.json': {},
      'timing.json': [],
      'seed0.json': 1,
    });
    expect(resultsIn(folder)).toEqual([dense, learned]);
    expect(resultsIn(freshPath())).toEqual([]);
  });

  test('hold what their names say', () => {
    const folder = folderOf({ 'copy-seed7.json': dense });
    expect(complaint(() => resultsIn(folder))).toBe(
      `${join(folder, 'copy-seed7.json')} holds the result of ${dense.cell}; name it ${dense.cell}.json, or move it elsewhere`,
    );
  });

  test.each<[string, unknown]>([
    ['cell', {}],
    ['cell', { ...dense, cell: undefined }],
    ['seed', { ...dense, seed: '0' }],
    ['config.model', { ...dense, config: null }],
    ['config.training', { ...dense, config: { ...dense.config, training: 3 } }],
    ['training.seconds', { ...dense, training: undefined }],
    ['text.loss', { ...dense, text: { ...dense.text, loss: null } }],
    ['text.words', { ...dense, text: { ...dense.text, words: undefined } }],
    ['tasks', { ...dense, tasks: [] }],
    ['tasks', { ...dense, tasks: [null] }],
  ])('without %s are refused in one line', (lacking, result) => {
    const folder = folderOf({ [`${dense.cell}.json`]: result });
    expect(complaint(() => resultsIn(folder))).toBe(
      `${join(folder, `${dense.cell}.json`)} is no whole result of a cell (${lacking} is missing); move it elsewhere, and the cell is made again`,
    );
  });
});

/** `learned` with a few settings changed. */
function changed({ training = {}, model = {}, ...rest }: Record<string, object | string>): CellResult {
  const { config } = learned;
  const own = {
    training: { ...config.training, ...Object(training) },
    model: { ...config.model, ...Object(model) },
  };
  return { ...learned, config: { ...config, ...rest, ...own } };
}

describe('results of one recipe', () => {
  const told = (result: CellResult): string => complaint(() => checkSameRecipe([dense, result]));

  test.each<[string, Record<string, object | string>]>([
    ...['steps', 'batchSize', 'learningRate', 'warmup', 'weightDecay', 'clip', 'optimizer', 'hop24'].map(
      (name): [string, Record<string, object>] => [`training.${name}`, { training: { [name]: 77 } }],
    ),
    ...['dim', 'heads', 'context'].map((name): [string, Record<string, object>] => [
      `model.${name}`,
      { model: { [name]: 77 } },
    ]),
    ['data', { data: '/a.txt' }],
    ['tokenizer', { tokenizer: 'byte' }],
  ])('share %s', (name, change) => {
    const message = told(changed(change));
    expect(message).toContain(`${learned.cell}.json is of another recipe than ${dense.cell}.json (${name} `);
    expect(message).toContain('move those of one recipe to a folder of their own');
  });

  test('share the number of questions', () => {
    const tasks = learned.tasks.map((task) => ({ ...task, questions: 9 }));
    expect(told({ ...learned, tasks })).toContain('(questions 9, not 200)');
  });

  test('may differ in what the models differ in', () => {
    const own = {
      training: { lambda: 0.1, noiseStart: 1, seed: 5 },
      model: { feedForward: 8, router: 'random' },
    };
    expect(() => checkSameRecipe([dense, changed(own), learned])).not.toThrow();
    expect(() => checkSameRecipe([])).not.toThrow();
  });

  test('are asked for when a folder is read', () => {
    const other = changed({ training: { steps: 5 } });
    const folder = folderOf({ [`${dense.cell}.json`]: dense, [`${learned.cell}.json`]: other });
    expect(() => resultsIn(folder)).toThrow('training.steps 5, not 4000');
  });

  test('are so of the cells that are yet to be trained', () => {
    const cell = makeCell('random', { layers: 6, density: 0.5, seed: 0, steps: 5 });
    const there = { ...dense, config: cell.config };
    const folder = folderOf({ [`${dense.cell}.json`]: there });
    expect(() => checkAsked(folder, cell, 200)).not.toThrow();
    expect(() => checkAsked(freshPath(), cell, 9)).not.toThrow();
    const { training } = cell.config;
    const longer = { ...cell, config: { ...cell.config, training: { ...training, steps: 6 } } };
    expect(complaint(() => checkAsked(folder, longer, 9))).toBe(
      `${join(folder, `${dense.cell}.json`)} is of another recipe (training.steps 5, not 6; questions 200, not 9); ` +
        'ask for its settings, or give another --out',
    );
  });
});

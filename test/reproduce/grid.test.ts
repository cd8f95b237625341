import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addSettings, commandLine, configFrom } from '../../src/cli/settings.ts';
import { checkModelConfig } from '../../src/model/config.ts';
import { grid, only } from '../../src/reproduce/grid.ts';
import { models } from '../../src/reproduce/models.ts';
import { recipe } from '../../src/reproduce/recipe.ts';
import { checkTrainingConfig, type RunConfig } from '../../src/train/config.ts';
import { complaint } from '../train/tiny.ts';

/** The configuration that a command line asks for. */
function asked(line: string): RunConfig {
  const command = new Command();
  addSettings(command);
  command.parse(line.split(' ').slice(2), { from: 'user' });
  return configFrom(command);
}

describe.each([
  ['the grid', grid()],
  ['the small grid', grid({ quick: true })],
])('%s', (_, cells) => {
  test('has a name of its own for every cell, and configurations that can work', () => {
    expect(new Set(cells.map(({ name }) => name)).size).toBe(cells.length);
    for (const { config } of cells) {
      checkModelConfig(config.model);
      checkTrainingConfig(config.training);
    }
  });

  test('is trained by the command lines that it names', () => {
    for (const { config } of cells) expect(asked(commandLine(config))).toEqual(config);
  });

  test('has random gates of every density above as many layers that always run as the gates they stand beside', () => {
    const on = ({ config }: (typeof cells)[number]): number =>
      [config.model.density].flat().filter((share) => share === 1).length;
    for (const cell of cells.filter(({ model }) => /^always-on-(random|chance)$/.test(model))) {
      const beside = cells.find(
        ({ model, layers }) => model === 'always-on-depths' && layers === cell.layers,
      );
      expect(on(cell), cell.name).toBe(on(beside as typeof cell));
    }
  });

  test('begins with what tells most', () => {
    const first = cells.filter(({ seed }) => seed === 0);
    expect(first.slice(0, 3).map(({ name }) => name)).toEqual([
      'dense-3x32-seed0',
      'learned-b-6x32-p50-seed0',
      'random-6x32-p50-seed0',
    ]);
  });

  test('trains every place with every seed, the lower seed first', () => {
    const seeds = new Map<string, number[]>();
    for (const { name, seed } of cells) {
      const place = name.replace(/-seed\d+$/, '');
      seeds.set(place, [...(seeds.get(place) ?? []), seed]);
    }
    const all = [...new Set(cells.map(({ seed }) => seed))].sort();
    for (const each of seeds.values()) expect(each).toEqual(all);
  });
});

test('a grid that is stopped half-way has every seed of what the claims rest on', () => {
  const names = grid().map(({ name }) => name);
  const half = names.slice(0, names.indexOf('wide-ff-3x32-p50-seed0'));
  for (const place of ['dense-4x32', 'random-6x32-p65', 'always-on-8x32-p50', 'learned-b-24x32-p12.5'])
    expect(half).toContain(`${place}-seed2`);
});

test('every model of the table is in the grid, every skipping one beside a random gate of its layers and density', () => {
  const cells = grid({ seeds: 1 });
  expect(new Set(cells.map(({ model }) => model))).toEqual(new Set(Object.keys(models)));
  const controls = cells.filter(({ model }) => model === 'random');
  for (const { model, layers, density } of cells.filter((cell) => cell.model.startsWith('learned'))) {
    const control = controls.filter((cell) => cell.layers === layers && cell.density === density);
    expect([model, layers, density, control.length]).toEqual([model, layers, density, 1]);
  }
});

test('a model differs from the recipe in its own row, its place and its seed alone', () => {
  const { literal, 'wide-ff': wide } = Object.fromEntries(
    grid({ seeds: 1 }).map((cell) => [cell.model, cell.config]),
  );
  expect(literal).toEqual({
    ...recipe,
    model: { ...recipe.model, layers: 6, density: 0.5, router: 'learned', estimator: 'taken-branch' },
    training: { ...recipe.training, noiseStart: 1, noiseEnd: 1, lambda: 0.1 },
  });
  expect(wide.model).toMatchObject({ wraps: 'feed-forward', layers: 3, density: 0.5 });
  expect(wide.model.feedForward).toBe(2 * recipe.model.feedForward);
});

test('steps and seeds can be changed', () => {
  const cells = grid({ quick: true, steps: 7, seeds: 2, seed: 5 });
  expect(new Set(cells.map(({ config }) => config.training.steps))).toEqual(new Set([7]));
  expect(new Set(cells.map(({ seed }) => seed))).toEqual(new Set([5, 6]));
  for (const { seed, config, name } of cells) {
    expect([config.model.seed, config.training.seed, name]).toEqual([
      seed,
      seed,
      expect.stringMatching(`-seed${seed}$`),
    ]);
  }
});

test('names hold layers, width, density and seed; models that have no density say none', () => {
  const names = grid().map(({ name }) => name);
  for (const name of ['learned-b-24x32-p12.5-seed2', 'highway-3x32-seed0', 'early-exit-6x32-p50-seed0'])
    expect(names).toContain(name);
});

test('only what a pattern is in', () => {
  const names = (pattern: string): string[] => only(grid(), pattern).map(({ name }) => name);
  expect(names('literal')).toEqual([0, 1, 2].map((seed) => `literal-6x32-p50-seed${seed}`));
  expect(names('b-6*seed1')).toEqual(['learned-b-6x32-p50-seed1']);
  expect(names('p12.5-seed0')).not.toContain('p12x5'); // the dot is a dot
  expect(names('').length).toBe(grid().length);
  expect(complaint(() => only(grid(), 'x(*'))).toBe(
    "no cell has 'x(*' in its name; they are called dense-3x32-seed0, learned-b-6x32-p50-seed0, random-6x32-p50-seed0, …",
  );
});

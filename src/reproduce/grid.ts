/** What is trained: plain lists of models and places, the most telling first. */
import { routers } from '../routing/table.ts';
import type { RunConfig } from '../train/config.ts';
import { type ComparedName, configOf, models } from './models.ts';
import { quick, recipe, SEEDS } from './recipe.ts';

type Place = [model: ComparedName, layers: number, density: number];

/** What the claims rest on: skipping beats the dense model of the same effective depth, and a random gate. */
const telling: readonly Place[] = [
  // Effective depth 3.
  ['dense', 3, 1],
  ['learned-b', 6, 0.5],
  ['random', 6, 0.5],
  ['learned-b', 12, 0.25],
  ['random', 12, 0.25],
  ['literal', 6, 0.5],
  ['learned-a', 6, 0.5],
  ['always-on', 6, 0.5],
  ['always-on-random', 6, 0.5],
  ['always-on-a', 6, 0.5],
  ['always-on-depths', 6, 0.5],
  ['always-on-chance', 6, 0.5],
  ['learned-b', 24, 0.125],
  ['random', 24, 0.125],
  // What dense models of other depths reach: the curve over FLOPs that skipping has to beat.
  ['dense', 6, 1],
  ['dense', 4, 1],
  ['dense', 2, 1],
  ['dense', 5, 1],
  // Effective depth 4.
  ['always-on', 8, 0.5],
  ['always-on-random', 8, 0.5],
  ['always-on-a', 8, 0.5],
  ['always-on-depths', 8, 0.5],
  ['always-on-chance', 8, 0.5],
  // Around the densities at which learned gates end up: P holds for a batch, of which text is half.
  ['random', 6, 0.4],
  ['random', 6, 0.65],
  ['random', 12, 0.35],
  ['random', 24, 0.175],
  ['always-on-random', 6, 0.45],
  ['always-on-random', 6, 0.575],
  ['always-on-random', 6, 0.65],
  ['always-on-random', 8, 0.45],
  ['always-on-random', 8, 0.55],
  ['always-on-random', 8, 0.65],
];

/** What stands beside them: the paper's other models and densities, and greater depths. */
const further: readonly Place[] = [
  // The paper's other models (Fig. 5), and what it argues without figures.
  ['wide-ff', 3, 0.5],
  ['highway', 3, 1],
  ['mixture-of-depths', 6, 0.5],
  ['early-exit', 6, 0.5],
  ['top-1', 6, 0.5],
  ['sigmoid', 6, 0.5],
  ['attention-only', 6, 0.5],
  ['feed-forward-only', 6, 0.5],
  ['dropped-keys', 6, 0.5],
  // Learned and random gates by density (Fig. 6): 12 layers, of which .25 stands above.
  ['learned-b', 12, 0.5],
  ['random', 12, 0.5],
  ['learned-b', 12, 0.125],
  ['random', 12, 0.125],
  ['learned-b', 12, 0.75],
  ['random', 12, 0.75],
  // Deeper: effective depth 6, and the dense models around it.
  ['dense', 8, 1],
  ['always-on-chance', 12, 0.5],
  ['always-on-depths', 12, 0.5],
  ['dense', 10, 1],
];

const few: readonly Place[] = [
  ['dense', 3, 1],
  ['learned-b', 6, 0.5],
  ['random', 6, 0.5],
  ['dense', 4, 1],
  ['dense', 6, 1],
  ['learned-b', 12, 0.25],
  ['literal', 6, 0.5],
];

/** One model to train and to measure. */
export interface Cell {
  /** Such as `learned-b-12x32-p25-seed0`. */
  name: string;
  model: ComparedName;
  layers: number;
  /** P, mean over layers; 1 where nothing is skipped. */
  density: number;
  seed: number;
  config: RunConfig;
}

export interface GridOptions {
  /** The small grid. */
  quick?: boolean;
  /** The first seed. Default 0. */
  seed?: number;
  /** How many seeds each place is trained with. Default 3; of the small grid 2. */
  seeds?: number;
  /** Optimizer steps. Default: the recipe's; of the small grid a fifth. */
  steps?: number;
}

/**
 * The cells in the order in which they are trained: the telling places with the first seed, with the second, …,
 * then the further ones, so that a grid that is stopped half-way has intervals where they count.
 */
export function grid({ quick: small = false, ...options }: GridOptions = {}): Cell[] {
  const {
    seed: first = 0,
    seeds = small ? quick.seeds : SEEDS,
    steps = small ? quick.steps : recipe.training.steps,
  } = options;
  const groups = small ? [few] : [telling, further];
  const each = Array.from({ length: seeds }, (_, i) => first + i);
  return groups.flatMap((places) =>
    each.flatMap((seed) =>
      places.map(([model, layers, density]) => makeCell(model, { layers, density, seed, steps })),
    ),
  );
}

/** A model at one place of the grid, with one seed. */
export function makeCell(
  model: ComparedName,
  place: { layers: number; density: number; seed: number; steps: number },
): Cell {
  const config = configOf(model, place);
  const { layers, seed } = place;
  const { takes } = routers[config.model.router];
  const density = models[model].calibrated || takes.includes('density') ? place.density : 1;
  const percent = density < 1 ? `-p${Number((density * 100).toPrecision(6))}` : ''; // 0.55 · 100 is not 55
  const name = `${model}-${layers}x${config.model.dim}${percent}-seed${seed}`;
  return { name, model, layers, density, seed, config };
}

/** The cells whose name holds a pattern, in which `*` stands for anything. @throws Error where there is none */
export function only(cells: readonly Cell[], pattern: string): Cell[] {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const matching = new RegExp(parts.join('.*'));
  const found = cells.filter(({ name }) => matching.test(name));
  if (found.length > 0) return found;
  const some = cells.slice(0, 3).map(({ name }) => name);
  throw new Error(`no cell has '${pattern}' in its name; they are called ${some.join(', ')}, …`);
}

/**
 * Whether routing pays, under the rule of evidence: a claim counts only beside a random gate of the same density *and* a
 * dense model of the same executed FLOPs, and only on tasks that the dense model has learned to do.
 */
import { mean } from '../evaluate/evaluate.ts';
import type { Claim, Comparison, Verdict } from '../report/reproduction/types.ts';
import { bySeed, type Group } from './groups.ts';
import { difference, meanInterval } from './statistics.ts';
import type { CellResult } from './types.ts';

/** A task counts where the next smaller dense model is so far above chance: below, all models may be guessing. */
const LEARNED = 0.2 - 1e-9; // .7 − .5 is a little less than .2 to a computer
/** Two gates are of the same density where the layers that they run differ by no more than this share; else the random
 * gates of lower and of higher density tell what one of the same would reach. */
const SAME_DENSITY = 0.05;
/** Between two models a line stands for what lies between; not where one has so many times the other's cost. */
const MOST_APART = 1.8;
/** Fewer seeds give no verdict on a single task: scores of few questions are too often equal by chance. */
const TASK_SEEDS = 3;

/** What models are compared by. */
interface Measure {
  name: string;
  /** Higher is better. */
  value: (cell: CellResult) => number;
  flops: (cell: CellResult) => number;
  /** Layers that run per token, on what is measured. */
  layers: (cell: CellResult) => number;
  /** How many seeds a verdict takes. */
  seeds: number;
}

const heldOutLoss: Measure = {
  name: 'held-out loss',
  value: ({ text }) => -text.loss,
  flops: ({ text }) => text.flopsPerToken,
  layers: ({ text }) => text.layersPerToken,
  seeds: 2,
};

/** Points above chance, mean over tasks. */
function taskMeasure(name: string, tasks: readonly string[], seeds = 2): Measure {
  const over = (value: (task: CellResult['tasks'][number]) => number) => (cell: CellResult) =>
    mean(cell.tasks.filter((task) => tasks.includes(task.name)).map(value));
  return {
    name,
    value: over(({ score, chance }) => score - chance),
    flops: over((task) => task.flopsPerToken),
    layers: over((task) => task.layersPerToken),
    seeds,
  };
}

/** Claims of every routed model but the random gate: by held-out loss, by hop-24, and (apart) by each of its tasks. */
export function claimsOf(groups: readonly Group[]): { claims: Claim[]; taskClaims: Claim[] } {
  const routed = groups.filter(({ cells }) => !['none', 'random'].includes(cells[0].config.model.router));
  const claims: Claim[] = [];
  const taskClaims: Claim[] = [];
  for (const group of routed) {
    claims.push(claim(group, groups, heldOutLoss, []));
    const names = group.cells[0].tasks.map(({ name }) => name);
    if (names.length === 0) continue;
    const below = denseBelow(group, groups, names);
    const learned = names.filter((name) => below && pointsOf(below, name) >= LEARNED);
    claims.push(claim(group, groups, taskMeasure('hop-24', learned), learned));
    for (const name of names) {
      const counts = learned.filter((task) => task === name);
      taskClaims.push(claim(group, groups, taskMeasure(name, counts, TASK_SEEDS), counts));
    }
  }
  return { claims, taskClaims };
}

/** The deepest dense model of no more FLOPs on some tasks. */
function denseBelow(group: Group, groups: readonly Group[], names: readonly string[]): Group | undefined {
  const { flops } = taskMeasure('', names);
  const cost = ({ cells }: Group): number => mean(cells.map(flops));
  return groups
    .filter((other) => other.model === 'dense' && cost(other) <= cost(group))
    .sort((a, b) => cost(b) - cost(a))[0];
}

function pointsOf({ cells }: Group, task: string): number {
  return mean(cells.map(taskMeasure('', [task]).value));
}

function claim(group: Group, groups: readonly Group[], measure: Measure, tasks: string[]): Claim {
  const counts = measure === heldOutLoss || tasks.length > 0;
  const unlearned = notTested('the next smaller dense model is not 20 points above chance, or not there');
  const random = counts ? besideRandom(group, groups, measure) : unlearned;
  const dense = counts ? besideDense(group, groups, measure) : unlearned;
  const depth = counts ? besideEqualDepth(group, groups, measure) : { ...unlearned, flopsRatio: Number.NaN };
  return {
    row: group.name,
    measure: measure.name,
    tasks,
    random,
    dense,
    equalDepth: depth,
    verdict: lessFavourable(random.verdict, dense.verdict),
  };
}

function besideRandom(group: Group, groups: readonly Group[], measure: Measure): Comparison {
  const gates = groups.filter((other) => isControl(other, group));
  const gate = gates.find(({ density }) => density === group.density);
  if (!gate) return notTested('there is no random gate of the same kind, layers and density');
  const own = bySeed(group, measure.value);
  const run = ({ cells }: Group): number => mean(cells.map(measure.layers));
  if (Math.abs(run(group) / run(gate) - 1) <= SAME_DENSITY) {
    return judged(difference(own, bySeed(gate, measure.value)), measure);
  }
  // It does not keep to its density: then beside what random gates of lower and higher density come to in between.
  const between = new Map(
    group.cells.flatMap((cell) => {
      const value = onTheLine(gates, measure, cell, measure.layers);
      return value === undefined ? [] : [[cell.seed, value] as const];
    }),
  );
  if (between.size === group.cells.length) return judged(difference(own, between), measure);
  const counts = `${run(group).toFixed(2)} layers per token, the random gate ${run(gate).toFixed(2)}`;
  return { ...notTested(`it runs ${counts}`), advantage: difference(own, bySeed(gate, measure.value)) };
}

/** Whether a group is a random gate beside another: all but the choice, and how much is chosen, is the same. */
function isControl({ cells: [gate] }: Group, { cells: [cell] }: Group): boolean {
  const apart = ({ config: { model, training }, layers }: CellResult): string => {
    const alwaysOn = [model.density].flat().filter((share) => share === 1).length;
    const { densityFallStart, densityFallEnd } = training;
    const { wraps, dropSkippedKeys, feedForward } = model;
    return JSON.stringify([
      layers,
      alwaysOn,
      wraps,
      dropSkippedKeys,
      feedForward,
      densityFallStart,
      densityFallEnd,
    ]);
  };
  return gate.config.model.router === 'random' && apart(gate) === apart(cell);
}

function besideDense(group: Group, groups: readonly Group[], measure: Measure): Comparison {
  const gaps = group.cells.flatMap((cell) => {
    const dense = denseAt(groups, measure, cell);
    return dense === undefined ? [] : [measure.value(cell) - dense];
  });
  if (gaps.length < group.cells.length) {
    return notTested(
      'with some seed its FLOPs do not lie close between those of two dense models of that seed',
    );
  }
  return judged(meanInterval(gaps), measure);
}

/** The loss of a dense model with as many FLOPs as a cell and its seed, or undefined. */
export function denseLossAt(groups: readonly Group[], cell: CellResult): number | undefined {
  const value = denseAt(groups, heldOutLoss, cell);
  return value === undefined ? undefined : -value;
}

/** What a dense model of the cell's seed and FLOPs would reach. */
function denseAt(groups: readonly Group[], measure: Measure, cell: CellResult): number | undefined {
  return onTheLine(
    groups.filter(({ model }) => model === 'dense'),
    measure,
    cell,
    measure.flops,
  );
}

/**
 * What a model of the cell's seed and cost would reach: between the two neighbours of some groups, along a line over the
 * logarithm of the cost. Undefined outside their range, and where the neighbours are too far apart.
 */
function onTheLine(
  groups: readonly Group[],
  { value }: Measure,
  cell: CellResult,
  cost: (cell: CellResult) => number,
): number | undefined {
  const at = Math.log(cost(cell));
  const curve = groups
    .flatMap(({ cells }) => cells.filter(({ seed }) => seed === cell.seed))
    .map((other) => ({ x: Math.log(cost(other)), y: value(other) }))
    .sort((a, b) => a.x - b.x);
  const right = curve.findIndex(({ x }) => x >= at);
  if (right < 0) return undefined;
  if (curve[right].x === at) return curve[right].y;
  if (right === 0) return undefined;
  const [from, to] = [curve[right - 1], curve[right]];
  if (to.x - from.x > Math.log(MOST_APART)) return undefined;
  return from.y + ((at - from.x) / (to.x - from.x)) * (to.y - from.y);
}

function besideEqualDepth(group: Group, groups: readonly Group[], measure: Measure): Claim['equalDepth'] {
  const { value, flops } = measure;
  const depth = group.layers * group.density;
  const dense = groups.find(({ model, layers }) => model === 'dense' && layers === depth);
  if (!dense || group.density === 1 || wraps(group) !== 'layer') {
    return { ...notTested('there is no dense model of the same effective depth'), flopsRatio: Number.NaN };
  }
  const advantage = difference(bySeed(group, value), bySeed(dense, value));
  const flopsRatio = mean(group.cells.map(flops)) / mean(dense.cells.map(flops));
  return { ...judged(advantage, measure), flopsRatio };
}

/** What one decision covers. */
function wraps({ cells }: Group): string {
  return cells[0].config.model.wraps;
}

function notTested(reason: string): Comparison {
  return { verdict: 'not tested', advantage: null, reason };
}

function judged(advantage: Comparison['advantage'] & object, { seeds }: Measure): Comparison {
  const { mean: gap, half } = advantage;
  if (Number.isNaN(half) || advantage.seeds < seeds) {
    return { ...notTested(`it takes ${seeds} seeds to tell a difference from chance`), advantage };
  }
  const verdict = gap > half ? 'better' : gap < -half ? 'worse' : 'no difference seen';
  return { verdict, advantage, reason: '' };
}

function lessFavourable(a: Verdict, b: Verdict): Verdict {
  const order: Verdict[] = ['not tested', 'worse', 'no difference seen', 'better'];
  return order[Math.min(order.indexOf(a), order.indexOf(b))];
}

/** What the results of a grid come to: rows of means over seeds, claims, and what is missing. */
import { mean } from '../evaluate/evaluate.ts';
import type { Estimate, ModelRow, Reproduction } from '../report/reproduction/types.ts';
import type { TokenUsage } from '../report/types.ts';
import { few } from '../tensor/errors.ts';
import { claimsOf, denseLossAt } from './claims.ts';
import { type Group, groupCells } from './groups.ts';
import { type ComparedName, models } from './models.ts';
import { meanInterval } from './statistics.ts';
import type { CellResult, Origin, TaskScore, Timing, Timings } from './types.ts';

/**
 * @param cells as many of the grid as there are; at least one
 * @param timings null where speeds were not taken
 * @param expected names of all cells of the grid, to say which are missing
 * @param command the command line that makes all of it
 */
export function summarize(
  cells: readonly CellResult[],
  timings: Timings | null,
  expected: readonly string[] = [],
  command = 'hopgrad reproduce',
): Reproduction {
  const groups = groupCells(cells);
  const tasks = cells.find((cell) => cell.tasks.length > 0)?.tasks ?? [];
  return {
    models: [...new Set(groups.map(({ model }) => model))].flatMap((name) => {
      const known = models[name as ComparedName];
      return known ? [{ name, doc: known.doc, paper: known.paper }] : [];
    }),
    rows: groups.map((group) => rowOf(group, groups, timings)),
    tasks: tasks.map(({ name, metric, chance }) => ({ name, metric, chance })),
    ...claimsOf(groups),
    missing: missingFrom(groups, timings, expected),
    origins: originsOf(cells, timings),
    trainingSeconds: cells.reduce((sum, { training }) => sum + training.seconds, 0),
    command,
  };
}

function rowOf(group: Group, groups: readonly Group[], timings: Timings | null): ModelRow {
  const { name, model, layers, density, cells } = group;
  const over = (value: (cell: CellResult) => number): Estimate => meanInterval(cells.map(value));
  const measured = cells.filter((cell) => cell.tasks.length > 0);
  const overTasks = (value: (task: TaskScore) => number, metric?: TaskScore['metric']): Estimate | null => {
    if (measured.length === 0) return null;
    const chosen = (task: TaskScore): boolean => metric === undefined || task.metric === metric;
    return meanInterval(measured.map(({ tasks }) => mean(tasks.filter(chosen).map(value))));
  };
  const aboveChance = ({ score, chance }: TaskScore): number => score - chance;
  const correlations = cells.flatMap(({ text }) => text.lossDepthCorrelation ?? []);
  const denseLosses = cells.flatMap((cell) => denseLossAt(groups, cell) ?? []);
  return {
    name,
    model,
    layers,
    density,
    seeds: cells.map(({ seed, text, tasks }) => ({
      seed,
      loss: text.loss,
      flopsPerToken: text.flopsPerToken,
      points: mean(tasks.map(aboveChance)),
      taskFlopsPerToken: mean(tasks.map(({ flopsPerToken }) => flopsPerToken)),
    })),
    parameters: cells[0].parameters,
    loss: over(({ text }) => text.loss),
    bitsPerCharacter: over(({ text }) => text.bitsPerCharacter),
    layersPerToken: over(({ text }) => text.layersPerToken),
    flopsPerToken: over(({ text }) => text.flopsPerToken),
    denseLoss: model === 'dense' || denseLosses.length === 0 ? null : meanInterval(denseLosses),
    exactMatch: overTasks(({ score }) => score, 'exact match'),
    accuracy: overTasks(({ score }) => score, 'accuracy'),
    points: overTasks(aboveChance),
    taskFlopsPerToken: mean(measured.map(({ tasks }) => mean(tasks.map((task) => task.flopsPerToken)))),
    tasks: Object.fromEntries(
      (measured[0]?.tasks ?? []).map(({ name }) => [
        name,
        meanInterval(measured.flatMap(({ tasks }) => tasks.find((task) => task.name === name)?.score ?? [])),
      ]),
    ),
    densityPerLayer: cells[0].text.densityPerLayer.map((_, layer) =>
      mean(cells.map(({ text }) => text.densityPerLayer[layer])),
    ),
    lossDepthCorrelation: correlations.length === 0 ? null : meanInterval(correlations),
    kinds: together(cells.map(({ text }) => text.kinds)),
    words: together(cells.map(({ text }) => text.words)),
    training: {
      seconds: mean(cells.map(({ training }) => training.seconds)),
      flopsPerToken: mean(cells.map(({ training }) => training.flopsPerToken)),
    },
    timing: timings && timingOf(group, timings.rows),
    command: cells[0].command,
  };
}

/** Usages of several seeds on the same text: means over the seeds, most frequent first. */
function together(lists: readonly (readonly TokenUsage[])[]): TokenUsage[] {
  const found = new Map<string, TokenUsage[]>();
  for (const usage of lists.flat()) found.set(usage.token, [...(found.get(usage.token) ?? []), usage]);
  return [...found]
    .map(([token, usages]) => ({
      token,
      count: Math.max(...usages.map(({ count }) => count)),
      meanLayers: mean(usages.map(({ meanLayers }) => meanLayers)),
    }))
    .sort((a, b) => b.count - a.count);
}

function timingOf({ model, layers, density }: Group, rows: readonly Timing[]): ModelRow['timing'] {
  const own = rows.find((row) => row.model === model && row.layers === layers && row.density === density);
  if (!own) return null;
  const twin = rows.find((row) => row.model === 'dense' && row.layers === layers);
  const { trainingTokensPerSecond, decodeSecondsPerToken } = own;
  return {
    trainingTokensPerSecond,
    decodeSecondsPerToken,
    twin: twin
      ? {
          trainingTokensPerSecond: twin.trainingTokensPerSecond,
          decodeSecondsPerToken: twin.decodeSecondsPerToken,
          trainingFlopsRatio: twin.trainingFlopsPerToken / own.trainingFlopsPerToken,
          decodeFlopsRatio: twin.decodeFlopsPerToken / own.decodeFlopsPerToken,
        }
      : null,
  };
}

function missingFrom(
  groups: readonly Group[],
  timings: Timings | null,
  expected: readonly string[],
): string[] {
  const cells = groups.flatMap((group) => group.cells);
  const there = new Set(cells.map(({ cell }) => cell));
  const absent = expected.filter((name) => !there.has(name));
  const seeds = [...new Set(cells.map(({ seed }) => seed))].sort((a, b) => a - b);
  const short = groups.filter((group) => group.cells.length < seeds.length).map(({ name }) => name);
  const unasked = cells.filter(({ tasks }) => tasks.length === 0).map(({ cell }) => cell);
  const untimed = groups.filter((group) => timings && !timingOf(group, timings.rows)).map(({ name }) => name);
  const lines: [boolean, string][] = [
    [
      absent.length > 0,
      `${absent.length} of ${expected.length} models of the grid are not trained: ${few(absent)}`,
    ],
    [short.length > 0, `fewer seeds than the others (${seeds.join(', ')}): ${few(short)}`],
    [seeds.length < 2, `seed ${seeds[0]} alone: differences have no interval, so no claim is tested`],
    [unasked.length > 0, `hop-24 was not asked: ${few(unasked)}`],
    [!timings, 'speeds were not taken (hopgrad reproduce --timing takes them)'],
    [untimed.length > 0, `no speed of ${few(untimed)}`],
  ];
  return lines.filter(([is]) => is).map(([, line]) => line);
}

function originsOf(cells: readonly CellResult[], timings: Timings | null): string[] {
  const lines = new Map<string, string[]>();
  for (const { origin } of cells) {
    lines.set(placeOf(origin), [...(lines.get(placeOf(origin)) ?? []), origin.date.slice(0, 10)]);
  }
  const models = [...lines].map(([place, dates]) => {
    const [first, last] = [dates.sort()[0], dates[dates.length - 1]];
    return `${dates.length} ${dates.length === 1 ? 'model' : 'models'}: ${place}; ${first === last ? first : `${first} to ${last}`}`;
  });
  if (!timings) return models;
  const { origin, threads } = timings;
  const at = `${placeOf(origin)}; ${threads} ${threads === 1 ? 'thread' : 'threads'}; ${origin.date.slice(0, 10)}`;
  return [...models, `speeds: ${at}`];
}

function placeOf({ hopgrad, node, machine }: Origin): string {
  return `hopgrad ${hopgrad}, Node ${node.replace(/^v/, '')}, ${machine}`;
}

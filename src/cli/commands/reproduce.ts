import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { type Asked, askedFor, readAsked, writeAsked } from '../../reproduce/asked.ts';
import { resultsIn } from '../../reproduce/cell-files.ts';
import { asChild, runChild } from '../../reproduce/child.ts';
import { type Cell, grid, only } from '../../reproduce/grid.ts';
import {
  beginText,
  finishedText,
  type GridState,
  progressText,
  untimedText,
} from '../../reproduce/progress.ts';
import { QUESTIONS, quick, recipe, SEEDS } from '../../reproduce/recipe.ts';
import { runCell } from '../../reproduce/run-cell.ts';
import { type GridOutcome, runGrid, type StartCell } from '../../reproduce/run-grid.ts';
import { takeTimings, timingsAreMissing } from '../../reproduce/timing.ts';
import type { CellResult } from '../../reproduce/types.ts';
import { lock } from '../../train/lock.ts';
import { Interrupt } from '../interrupt.ts';
import { addJson, addSeed, countFrom, examples, filled, openDevice } from '../options.ts';
import { Output } from '../output.ts';
import { commandLine } from '../settings.ts';

interface ReproduceOptions extends Partial<Asked> {
  out?: string;
  jobs: number;
  only?: string;
  keepRuns?: boolean;
  timing?: boolean;
  report?: boolean;
  cell?: string;
  json?: boolean;
}

/** Turns that timings are medians of. */
const ROUNDS = 5;
/** Cells and timings compute on one thread each: cells go on side by side, and few threads are timed more surely. */
const THREADS = 1;
/** Between progress lines, where they pile up. */
const LINE_MS = 60_000;

/** `hopgrad reproduce`: the comparisons of the paper, trained, measured and drawn. */
export function reproduceCommand(): Command {
  const count = (flags: string, doc: string, usual: number, small: number): Option =>
    new Option(flags, `${doc} (default: ${usual}; with --quick ${small})`).argParser(countFrom(1));
  const command = new Command('reproduce')
    .description(
      'Train and measure the models that the paper compares, and draw its figures. Ctrl-C saves; the same command continues.',
    )
    .option('--quick', 'few models, few steps: minutes, to see which way the figures go')
    .option(
      '--out <dir>',
      'folder of the results (default: reproduction; with --quick reproduction-quick)',
      filled,
    )
    .addOption(
      new Option('--jobs <n>', 'models trained side by side')
        .argParser(countFrom(1))
        .default(availableParallelism(), 'as many as there are cores'),
    )
    .option('--only <pattern>', 'cells whose name holds this; * stands for anything', filled)
    .addOption(count('--seeds <n>', 'trainings of each model', SEEDS, quick.seeds))
    .addOption(count('--steps <n>', 'optimizer steps of each', recipe.training.steps, quick.steps))
    .addOption(count('--questions <n>', 'asked of each task of hop-24', QUESTIONS, quick.questions))
    .option('--keep-runs', 'keep the folders of all trainings')
    .addOption(new Option('--timing', 'only take the timings anew').conflicts(['report', 'cell', 'only']))
    .addOption(new Option('--report', 'only draw the report anew').conflicts(['cell', 'only']))
    .addOption(new Option('--cell <name>', 'one cell, as a child of this command').hideHelp())
    .addHelpText(
      'after',
      examples(
        'reproduce --quick',
        'reproduce',
        "reproduce --only 'learned-b-6x32*' --seeds 1",
        'reproduce --timing',
        'reproduce --report',
      ),
    );
  addSeed(command, 'the first of the seeds');
  return addJson(command).action((options: ReproduceOptions) => reproduce(options, command));
}

async function reproduce(options: ReproduceOptions, command: Command): Promise<void> {
  const folder = folderBy(options);
  const anew = options.timing || options.report;
  const asked = anew ? askedBefore(folder, options, command) : askedFor(options);
  const whole = grid(asked);
  if (options.cell !== undefined) return runOne(whole, options.cell, asked, options);
  const cells = options.only === undefined ? whole : only(whole, options.only);
  if (resultsIn(folder).length === 0 && anew) {
    throw new Error(`${folder} holds no results yet; make them with: hopgrad reproduce`);
  }
  mkdirSync(folder, { recursive: true });
  const unlock = lock(join(folder, 'lock'));
  try {
    await reproduceInto(folder, cells, whole, asked, options);
  } finally {
    unlock();
  }
}

/** What the results in a folder were asked for, but for what is typed. */
function askedBefore(folder: string, options: ReproduceOptions, command: Command): Asked {
  const names = ['quick', 'seed', 'seeds', 'steps', 'questions'] as const;
  const typed = names.filter((name) => command.getOptionValueSource(name) === 'cli');
  const given = Object.fromEntries(typed.map((name) => [name, options[name]]));
  const before = readAsked(folder);
  return askedFor(before && (!options.quick || before.quick) ? { ...before, ...given } : given);
}

/** Trains what is missing, takes timings that are, and reports: or only one of the latter, if asked to. */
async function reproduceInto(
  folder: string,
  cells: readonly Cell[],
  whole: readonly Cell[],
  asked: Asked,
  options: ReproduceOptions,
): Promise<void> {
  const out = new Output(options.json);
  const anew = options.timing || options.report;
  const interrupt = new Interrupt(() =>
    out.say('stopping; what is trained is saved, and the same command continues'),
  );
  try {
    const { failed, missing } = anew
      ? { failed: [], missing: [] }
      : await runAll(cells, asked, options, interrupt, out);
    const results = resultsIn(folder);
    const untimed = options.timing || (!options.report && timingsAreMissing(folder, results));
    if (untimed && !interrupt.signal.aborted) await time(folder, results, interrupt, out);
    await interrupt.settled();
    const stopped = interrupt.exitCode !== undefined;
    const files = stopped || results.length === 0 ? [] : await draw(folder, whole, out);
    // Drawing lets nothing else run: a Ctrl-C meanwhile is told of within two turns.
    await nextTurn();
    await nextTurn();
    process.exitCode = interrupt.exitCode ?? (failed.length > 0 ? 1 : undefined);
    if (failed.length > 0) {
      const names = failed.map(({ cell }) => cell).join(', ');
      out.warn(
        `${failed.length} of ${cells.length} cells failed; the same command tries them again: ${names}`,
      );
    }
    out.result({ out: folder, cells: results.map(({ cell }) => cell), failed, missing, files });
  } finally {
    interrupt.close();
  }
}

/** The two grids have cells of the same names, so each has a folder of its own. */
function folderBy({ out, quick: small }: ReproduceOptions): string {
  return out ?? (small ? 'reproduction-quick' : 'reproduction');
}

/** In a child: trains and measures one cell. */
async function runOne(
  cells: readonly Cell[],
  name: string,
  asked: Asked,
  options: ReproduceOptions,
): Promise<void> {
  const cell = cells.find((one) => one.name === name);
  if (!cell) throw new Error(`there is no cell ${name} in this grid`);
  await openDevice(cell.config.device, { threads: THREADS });
  const { end, ...parent } = asChild();
  try {
    await runCell(cell, {
      ...parent,
      folder: folderBy(options),
      questions: asked.questions,
      command: commandLine(cell.config),
      keep: options.keepRuns ? 'all' : cell.seed === asked.seed ? 'weights' : undefined,
    });
  } finally {
    end();
  }
}

/** Runs what is missing, in child processes. */
async function runAll(
  cells: readonly Cell[],
  asked: Asked,
  options: ReproduceOptions,
  interrupt: Interrupt,
  out: Output,
): Promise<GridOutcome> {
  const folder = folderBy(options);
  let shown = performance.now();
  const onState = (state: GridState): void => {
    const now = performance.now();
    if (out.live) out.progress(progressText(state));
    else if (now - shown > LINE_MS) {
      shown = now;
      out.say(progressText(state));
    }
  };
  return runGrid(cells, {
    folder,
    questions: asked.questions,
    jobs: options.jobs,
    start: startCell(folder, asked, options),
    signal: interrupt.signal,
    onBegin: (done, of) => {
      writeAsked(folder, asked);
      out.say(beginText(done, of));
    },
    onState,
    onFinished: (result, seconds) => out.say(finishedText(result, seconds)),
    onFailed: ({ cell, message }) => out.warn(`${cell} failed: ${message}`),
  });
}

/** Runs a cell by this command line with --cell. */
function startCell(
  folder: string,
  { quick: small, ...counts }: Asked,
  { keepRuns }: ReproduceOptions,
): StartCell {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const numbers = Object.entries(counts).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const shared = ['--out', folder, ...numbers];
  const flags = [...(small ? ['--quick'] : []), ...(keepRuns ? ['--keep-runs'] : [])];
  return (cell, hooks) => runChild(main, ['reproduce', '--cell', cell.name, ...shared, ...flags], hooks);
}

async function time(
  folder: string,
  results: readonly CellResult[],
  interrupt: Interrupt,
  out: Output,
): Promise<void> {
  out.say('timing …');
  await openDevice(results[0].config.device, { threads: THREADS });
  const untimed = await takeTimings(folder, results, {
    rounds: ROUNDS,
    threads: THREADS,
    signal: interrupt.signal,
    onTurn: (done, of) => {
      if (out.live) out.progress(`timing ${done}/${of}`);
    },
  });
  if (untimed && untimed.length > 0) out.warn(untimedText(untimed));
}

/** Tables and figures of all that lies in the folder. @returns the files */
async function draw(folder: string, grid: readonly Cell[], out: Output): Promise<string[]> {
  // Drawing takes libraries that take a moment to load.
  const { readReproduction, writeReproductionReport } = await import('../../reproduce/report.ts');
  const { reproductionTable } = await import('../../report/reproduction/terminal-table.ts');
  const names = grid.map(({ name }) => name);
  const files = writeReproductionReport(folder, names);
  out.say(reproductionTable(readReproduction(folder, names), out.colour));
  out.say(`report  ${files[0]}`);
  return files;
}

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { resultsIn } from '../../reproduce/cell-files.ts';
import { asChild, runChild } from '../../reproduce/child.ts';
import { type Cell, type GridOptions, grid, only } from '../../reproduce/grid.ts';
import { finishedText, type GridState, progressText } from '../../reproduce/progress.ts';
import { QUESTIONS, quick, recipe, SEEDS } from '../../reproduce/recipe.ts';
import { runCell } from '../../reproduce/run-cell.ts';
import { type GridOutcome, runGrid, type StartCell } from '../../reproduce/run-grid.ts';
import { takeTimings, timingsAreMissing } from '../../reproduce/timing.ts';
import type { CellResult } from '../../reproduce/types.ts';
import { Interrupt } from '../interrupt.ts';
import { addJson, addSeed, countFrom, examples, filled, openDevice } from '../options.ts';
import { Output } from '../output.ts';
import { commandLine } from '../settings.ts';

interface ReproduceOptions extends GridOptions {
  seed: number;
  out?: string;
  jobs: number;
  only?: string;
  questions?: number;
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
    .addOption(new Option('--timing', 'only take the timings anew').conflicts(['report', 'cell']))
    .addOption(new Option('--report', 'only draw the report anew').conflicts('cell'))
    .addOption(new Option('--cell <name>', 'one cell, as a child of this command').hideHelp())
    .addHelpText(
      'after',
      examples(
        'reproduce --quick',
        'reproduce',
        "reproduce --only 'learned-b-6x64*' --seeds 1",
        'reproduce --timing',
        'reproduce --report',
      ),
    );
  addSeed(command, 'the first of the seeds');
  return addJson(command).action(reproduce);
}

async function reproduce(options: ReproduceOptions): Promise<void> {
  const out = new Output(options.json);
  const whole = grid(options);
  const cells = options.only === undefined ? whole : only(whole, options.only);
  if (options.cell !== undefined) return runOne(whole, options.cell, options);
  const folder = folderBy(options);
  const anew = options.timing || options.report;
  if (anew && resultsIn(folder).length === 0) {
    throw new Error(`${folder} holds no results yet; make them with: hopgrad reproduce`);
  }
  const interrupt = new Interrupt(() =>
    out.say('stopping; what is trained is saved, and the same command continues'),
  );
  try {
    const { failed, missing } = anew
      ? { failed: [], missing: [] }
      : await runAll(cells, options, interrupt, out);
    const results = resultsIn(folder);
    const untimed = options.timing || (!options.report && timingsAreMissing(folder, results));
    if (untimed && !interrupt.signal.aborted) await time(folder, results, interrupt, out);
    await interrupt.settled();
    const stopped = interrupt.exitCode !== undefined;
    process.exitCode = interrupt.exitCode ?? (failed.length > 0 ? 1 : undefined);
    const files = stopped || results.length === 0 ? [] : await draw(folder, whole, out);
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

function questionsBy({ questions, quick: small }: ReproduceOptions): number {
  return questions ?? (small ? quick.questions : QUESTIONS);
}

/** In a child: trains and measures one cell. */
async function runOne(cells: readonly Cell[], name: string, options: ReproduceOptions): Promise<void> {
  const cell = cells.find((one) => one.name === name);
  if (!cell) throw new Error(`there is no cell ${name} in this grid`);
  await openDevice(cell.config.device, { threads: THREADS });
  const { end, ...parent } = asChild();
  try {
    await runCell(cell, {
      ...parent,
      folder: folderBy(options),
      questions: questionsBy(options),
      command: commandLine(cell.config),
      keep: options.keepRuns ? 'all' : cell.seed === options.seed ? 'weights' : undefined,
    });
  } finally {
    end();
  }
}

/** Runs what is missing, in child processes. */
async function runAll(
  cells: readonly Cell[],
  options: ReproduceOptions,
  interrupt: Interrupt,
  out: Output,
): Promise<GridOutcome> {
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
    folder: folderBy(options),
    questions: questionsBy(options),
    jobs: options.jobs,
    start: startCell(options),
    signal: interrupt.signal,
    onState,
    onFinished: (result, seconds) => out.say(finishedText(result, seconds)),
    onFailed: ({ cell, message }) => out.warn(`${cell} failed: ${message}`),
  });
}

/** Runs a cell by this command line with --cell. */
function startCell(options: ReproduceOptions): StartCell {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const { quick: small, seed, seeds, steps, keepRuns } = options;
  const shared = [
    ['--out', folderBy(options)],
    ['--seed', seed],
    ['--seeds', seeds],
    ['--steps', steps],
    ['--questions', questionsBy(options)],
  ].flatMap(([flag, value]) => (value === undefined ? [] : [String(flag), String(value)]));
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
  if (!untimed || untimed.length === 0) return;
  out.warn(
    `not timed, for their weights are gone: ${untimed.join(', ')}; delete their results and train them again`,
  );
}

/** Tables and figures of all that lies in the folder. @returns the files */
async function draw(folder: string, grid: readonly Cell[], out: Output): Promise<string[]> {
  // Drawing takes libraries that take a moment to load.
  const { writeReproductionReport } = await import('../../reproduce/report.ts');
  const files = writeReproductionReport(
    folder,
    grid.map(({ name }) => name),
  );
  out.say(`report  ${files[0]}`);
  return files;
}

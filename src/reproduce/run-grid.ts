/** All cells of a grid: those that are missing, several side by side. */
import { checkAsked, finishedCell } from './cell-files.ts';
import type { Cell } from './grid.ts';
import { type GridState, secondsLeft } from './progress.ts';
import type { CellResult } from './types.ts';
import { workOf } from './work.ts';

/** Runs a cell to its end, or until the signal; rejects where it cannot be done. */
export type StartCell = (
  cell: Cell,
  options: { signal: AbortSignal; onProgress: (share: number) => void },
) => Promise<unknown>;

export interface RunGridOptions {
  folder: string;
  questions: number;
  /** Cells side by side. */
  jobs: number;
  start: StartCell;
  signal: AbortSignal;
  /** Told once that the folder is in order, and how many of the cells are done, before any is begun. */
  onBegin?: (done: number, of: number) => void;
  onState?: (state: GridState) => void;
  /** Told of every cell that ends, with its seconds here. */
  onFinished?: (result: CellResult, seconds: number) => void;
  onFailed?: (failure: Failure) => void;
}

export interface Failure {
  cell: string;
  message: string;
}

export interface GridOutcome {
  /** Of the cells asked for, those whose file is there. */
  finished: CellResult[];
  failed: Failure[];
  /** Names of the cells that were stopped, or not begun. */
  missing: string[];
}

/**
 * Runs what is missing, in order. A cell that fails is passed over; after `signal` no further one is begun, and those
 * that run are stopped and waited for.
 *
 * @param cells at least one
 * @throws Error before anything runs, where files in the folder are damaged or of another recipe
 */
export async function runGrid(cells: readonly Cell[], options: RunGridOptions): Promise<GridOutcome> {
  const run = new GridRun(cells, options);
  await Promise.all(Array.from({ length: options.jobs }, () => run.work()));
  return run.outcome();
}

/** How far a cell is, as a share of its work: when it was taken up here, and now. */
interface Place {
  from: number;
  to: number;
}

class GridRun {
  readonly #cells: readonly Cell[];
  readonly #options: RunGridOptions;
  readonly #finished = new Map<string, CellResult>();
  readonly #failed: Failure[] = [];
  /** Still to be begun. */
  readonly #queue: Cell[] = [];
  readonly #running = new Map<Cell, Place>();
  readonly #began = performance.now();
  /** Work of the cells that have ended here. */
  #ended = 0;

  constructor(cells: readonly Cell[], options: RunGridOptions) {
    this.#cells = cells;
    this.#options = options;
    for (const cell of cells) if (!this.#look(cell)) this.#queue.push(cell);
    checkAsked(options.folder, cells[0], options.questions);
    options.onBegin?.(this.#finished.size, cells.length);
  }

  /** Takes up one cell after another; several of these go on side by side. */
  async work(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const cell = this.#queue.shift();
      if (!cell) return;
      await this.#run(cell);
    }
  }

  outcome(): GridOutcome {
    const names = this.#cells.map(({ name }) => name);
    const failed = new Set(this.#failed.map(({ cell }) => cell));
    return {
      finished: names.flatMap((name) => this.#finished.get(name) ?? []),
      failed: this.#failed,
      missing: names.filter((name) => !this.#finished.has(name) && !failed.has(name)),
    };
  }

  async #run(cell: Cell): Promise<void> {
    const { start, signal, onFinished, onFailed } = this.#options;
    const started = performance.now();
    const place: Place = { from: 0, to: 0 };
    this.#running.set(cell, place);
    const onProgress = (share: number): void => {
      if (place.to === 0) place.from = share; // an earlier start has done so much
      place.to = share;
      this.#tell();
    };
    try {
      await start(cell, { signal, onProgress });
      const result = this.#look(cell);
      if (result) onFinished?.(result, (performance.now() - started) / 1000);
      else if (!signal.aborted) throw new Error('it ended without a result');
    } catch (error) {
      const failure = { cell: cell.name, message: (error as Error).message };
      this.#failed.push(failure);
      onFailed?.(failure);
    }
    this.#running.delete(cell);
    this.#ended += this.#workOf(cell) * (place.to - place.from);
    this.#tell();
  }

  #look(cell: Cell): CellResult | null {
    const result = finishedCell(this.#options.folder, cell, this.#options.questions);
    if (result) this.#finished.set(cell.name, result);
    return result;
  }

  #tell(): void {
    const running = [...this.#running];
    const waiting = this.#queue.map((cell): [Cell, Place] => [cell, { from: 0, to: 0 }]);
    const total = (places: [Cell, Place][], share: (place: Place) => number): number =>
      places.reduce((sum, [cell, place]) => sum + this.#workOf(cell) * share(place), 0);
    this.#options.onState?.({
      done: this.#finished.size,
      of: this.#cells.length,
      running: running.map(([{ name }, { to }]) => ({ name, share: to })),
      failed: this.#failed.length,
      secondsLeft: secondsLeft({
        seconds: (performance.now() - this.#began) / 1000,
        done: this.#ended + total(running, ({ from, to }) => to - from),
        left: total([...running, ...waiting], ({ to }) => 1 - to),
      }),
    });
  }

  #workOf(cell: Cell): number {
    return workOf(cell, this.#options.questions);
  }
}

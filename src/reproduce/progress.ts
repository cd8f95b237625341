/** Lines that tell where a reproduction stands. */
import { fixed, humanDuration, percent } from '../report/format.ts';
import type { CellResult } from './types.ts';

/** Where the grid stands. */
export interface GridState {
  /** Cells done, of how many. */
  done: number;
  of: number;
  /** Those that run, each with the share that is done of it. */
  running: { name: string; share: number }[];
  failed: number;
  /** Infinity where nothing is known yet. */
  secondsLeft: number;
}

/** Seconds for the work that is left, at the speed of what was done; Infinity before anything was. */
export function secondsLeft({
  seconds,
  done,
  left,
}: {
  seconds: number;
  done: number;
  left: number;
}): number {
  if (left <= 0) return 0;
  return done > 0 ? (seconds * left) / done : Number.POSITIVE_INFINITY;
}

/** `3/93 cells, 1 failed, 2h05m left  learned-b-6x32-p50-seed0 41%, random-6x32-p50-seed0 8%` */
export function progressText({ done, of, running, failed, secondsLeft: seconds }: GridState): string {
  const parts = [
    `${done}/${of} cells`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(Number.isFinite(seconds) && running.length > 0 ? [`${humanDuration(seconds)} left`] : []),
  ];
  const names = running.map(({ name, share }) => `${name} ${percent(share, 0)}`);
  return [parts.join(', '), names.join(', ')].filter(Boolean).join('  ');
}

/** Said once, before anything is trained. */
export function beginText(done: number, of: number): string {
  return `${done} of ${of} cells done, ${of - done} to do`;
}

/** What to do about cells without weights, of which one of each model is enough. */
export function untimedText(cells: readonly string[]): string {
  return (
    `not timed, for their weights are gone: ${cells.join(', ')}; ` +
    'delete one result of each model and train it again with --keep-runs'
  );
}

/** `learned-b-6x32-p50-seed0  1.812 nats, 3.02 of 6 layers, hop-24 31.3 points above chance, 4m02s` */
export function finishedText(result: CellResult, seconds: number): string {
  const { cell, layers, text, tasks } = result;
  const points = (100 * tasks.reduce((sum, { score, chance }) => sum + score - chance, 0)) / tasks.length;
  const figures = [
    `${fixed(text.loss, 3)} nats`,
    `${fixed(text.layersPerToken, 2)} of ${layers} layers`,
    `hop-24 ${fixed(points, 1)} points above chance`,
    humanDuration(seconds),
  ];
  return `${cell}  ${figures.join(', ')}`;
}

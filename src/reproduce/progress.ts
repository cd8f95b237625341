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

/** `3/93 cells, 1 failed, 2h05m left  learned-b-6x64-p50-seed0 41%, random-6x64-p50-seed0 8%` */
export function progressText({ done, of, running, failed, secondsLeft: seconds }: GridState): string {
  const parts = [
    `${done}/${of} cells`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(Number.isFinite(seconds) && running.length > 0 ? [`${humanDuration(seconds)} left`] : []),
  ];
  const names = running.map(({ name, share }) => `${name} ${percent(share, 0)}`);
  return [parts.join(', '), names.join(', ')].filter(Boolean).join('  ');
}

/** `learned-b-6x64-p50-seed0  1.812 nats, 3.02 of 6 layers, hop-24 61.3%, 4m02s` */
export function finishedText(result: CellResult, seconds: number): string {
  const { cell, layers, text, tasks } = result;
  const score = tasks.reduce((sum, task) => sum + task.score, 0) / tasks.length;
  const figures = [
    `${fixed(text.loss, 3)} nats`,
    `${fixed(text.layersPerToken, 2)} of ${layers} layers`,
    `hop-24 ${percent(score)}`,
    humanDuration(seconds),
  ];
  return `${cell}  ${figures.join(', ')}`;
}

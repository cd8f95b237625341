/**
 * Schedules: pure functions from a step to a number, for learning rates, noise, temperatures and densities. Steps count
 * from 0: `schedule(0)` is the value for the first update.
 */
import { OpError } from '../tensor/errors.ts';

export type Schedule = (step: number) => number;

export function constant(value: number): Schedule {
  return () => value;
}

/** From `from` at step 0 along a line to `to` at step `steps`, and `to` from there on. */
export function ramp(from: number, to: number, steps: number): Schedule {
  return (step) => (step >= steps ? to : from + (to - from) * (step / steps));
}

export interface WarmupCosineOptions {
  peak: number;
  /** Steps before the peak. */
  warmup: number;
  /** The step at which the floor is reached. */
  total: number;
  /** Default 0. */
  floor?: number;
}

/**
 * Rises along a line to `peak` at step `warmup` (the first step already moves: it has peak / (warmup + 1)), falls along
 * half a cosine to `floor` at step `total`, and stays there.
 */
export function warmupCosine({ peak, warmup, total, floor = 0 }: WarmupCosineOptions): Schedule {
  return (step) => {
    if (step < warmup) return (peak * (step + 1)) / (warmup + 1);
    if (step >= total) return floor;
    const progress = (step - warmup) / (total - warmup);
    return floor + ((peak - floor) * (1 + Math.cos(Math.PI * progress))) / 2;
  };
}

/**
 * `peak` for the first `warmup` steps, then peak · √(warmup / t) in the t-th step. SkipLayer is trained with
 * peak 0.1 and warmup 10,000.
 */
export function inverseSquareRoot({ peak, warmup }: { peak: number; warmup: number }): Schedule {
  const flat = Math.max(1, warmup);
  return (step) => peak * Math.sqrt(flat / Math.max(flat, step + 1));
}

/** What a learning-rate schedule chosen by name may need. */
export interface ScheduleOptions extends WarmupCosineOptions {
  floor: number;
}

export type ScheduleName = 'constant' | 'linear' | 'warmupCosine' | 'inverseSquareRoot';

interface ScheduleRow {
  /** One line for people. */
  doc: string;
  make: (options: ScheduleOptions) => Schedule;
}

/** The learning-rate schedules by name. A new one is a function and a row here. */
export const schedules: Readonly<Record<ScheduleName, ScheduleRow>> = {
  constant: { doc: 'the peak throughout', make: ({ peak }) => constant(peak) },
  linear: {
    doc: 'along a line from the peak to the floor at the last step',
    make: ({ peak, floor, total }) => ramp(peak, floor, total),
  },
  warmupCosine: { doc: 'up along a line, down along a cosine to the floor', make: warmupCosine },
  inverseSquareRoot: {
    doc: 'the peak while warming up, then falling with 1 / √step',
    make: inverseSquareRoot,
  },
};

/** @throws OpError that lists the names, for one that is not among them */
export function makeSchedule(name: string, options: ScheduleOptions): Schedule {
  if (!Object.hasOwn(schedules, name)) {
    const names = Object.keys(schedules).join(', ');
    throw new OpError('makeSchedule', `there is no schedule '${name}'; choose one of: ${names}`);
  }
  return schedules[name as ScheduleName].make(options);
}

/** What can be said of two runs, and what cannot. */
import { fixed, percent } from '../../../../../src/report/format.ts';
import type { Final } from './protocol.ts';

/** Both runs at their ends, from one seed. */
export interface Repeat {
  seed: number;
  a: Final;
  b: Final;
}

export interface Verdict {
  /** Which is better, if either, and by how much. */
  headline: string;
  /** What they cost. */
  cost: string;
  /** How far to trust it. */
  caveat: string;
}

/**
 * By how many standard errors a mean of n samples must be off 0 to be told from chance, at n − 1: Student's t at 95 %.
 * One sample tells nothing.
 */
const ERRORS = [Infinity, 12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];
const ERRORS_OF_MANY = 2.23;
/** Costs that differ by less than this share count as the same. */
const SAME_COST = 0.05;

/** @param repeats one for each seed, the latest last; at least one */
export function verdict(repeats: readonly Repeat[]): Verdict {
  return { headline: headlineOf(repeats), cost: costOf(repeats.at(-1)!), caveat: caveatOf(repeats) };
}

/** Loss of B less that of A on one batch of held-out text after the other. */
function differences({ a, b }: Repeat): number[] {
  return a.losses.map((loss, i) => b.losses[i] - loss);
}

function headlineOf(repeats: readonly Repeat[]): string {
  const [lossOfA, lossOfB] = (['a', 'b'] as const).map((side) =>
    mean(repeats.map((repeat) => mean(repeat[side].losses))),
  );
  const lower = lossOfB > lossOfA ? 'A' : 'B';
  const by = `by ${fixed(Math.abs(lossOfB - lossOfA))} nats per character`;
  const losses = [lossOfA, lossOfB].sort((a, b) => a - b).map((loss) => fixed(loss));
  const against = losses.join(' against ');
  if (repeats.length === 1) {
    return tells(repeats)
      ? `${lower} ends lower ${by}: ${against} on held-out text.`
      : `No difference beyond what batches of held-out text vary by: A ${fixed(lossOfA)}, B ${fixed(lossOfB)} nats per character.`;
  }
  return tells(repeats)
    ? `${lower} is better ${by}: ${against} on held-out text, the means of ${repeats.length} seeds.`
    : `${lower} is lower ${by} in the mean of ${repeats.length} seeds, ${against}, which so few cannot tell from chance.`;
}

/** Whether the difference is larger than what the batches, or the seeds where there are several, do by themselves. */
function tells(repeats: readonly Repeat[]): boolean {
  const samples =
    repeats.length > 1 ? repeats.map((repeat) => mean(differences(repeat))) : differences(repeats[0]);
  const errors = ERRORS[samples.length - 1] ?? ERRORS_OF_MANY;
  return Math.abs(mean(samples)) > errors * standardError(samples);
}

function costOf({ a, b }: Repeat): string {
  const ratio = b.flops / a.flops;
  const each = `on held-out text A runs ${percent(a.flops / a.denseFlops, 0)} of its dense operations, B ${percent(b.flops / b.denseFlops, 0)}`;
  if (Math.abs(ratio - 1) < SAME_COST) return `They cost about the same: ${each}.`;
  const dearer = ratio > 1 ? 'B' : 'A';
  return `Mind the cost: ${each}; ${dearer} takes ${fixed(Math.max(ratio, 1 / ratio), 2)} times the operations per character.`;
}

function caveatOf(repeats: readonly Repeat[]): string {
  if (repeats.length === 1) {
    const [repeat] = repeats;
    const each = differences(repeat);
    const error = each.length > 1 ? ` ± ${fixed(standardError(each))}` : '';
    return (
      `One seed each (${repeat.seed}). Over ${each.length} ${each.length === 1 ? 'batch' : 'batches'} of held-out text B − A is ` +
      `${signed(mean(each))}${error}; that is the spread of the text alone. How much the seed moves it is not known from one: ` +
      'train both again with another.'
    );
  }
  const each = repeats.map((repeat) => mean(differences(repeat)));
  const list = repeats.map(({ seed }, i) => `${signed(each[i])} (seed ${seed})`).join(', ');
  const same = each.every((d) => d > 0) || each.every((d) => d < 0);
  return (
    `B − A was ${list}: on average ${signed(mean(each))}, with a standard deviation of ${fixed(deviation(each))} from seed to seed. ` +
    (same ? 'The sign is the same each time' : 'The sign changes from seed to seed') +
    `; ${repeats.length} seeds are few, and these models are small and their runs short.`
  );
}

function signed(value: number): string {
  const text = fixed(Math.abs(value));
  return value < 0 ? `−${text}` : `+${text}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample's standard deviation; 0 of a single value. */
function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** Of the mean; unknown, and so infinite, for a single value. */
function standardError(values: readonly number[]): number {
  return values.length < 2 ? Number.POSITIVE_INFINITY : deviation(values) / Math.sqrt(values.length);
}

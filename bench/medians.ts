/** Timing things beside one another. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Bench } from 'tinybench';

export interface MedianOptions {
  /** Timed runs of each, at least, over all rounds. Default 30. */
  iterations?: number;
  /** Milliseconds of timed runs of each, at least, over all rounds. Default 900. */
  time?: number;
  /** Milliseconds of warm-up of each: WebAssembly is compiled twice, the second time in the background. Default 400. */
  warmup?: number;
}

const ROUNDS = 5;

/**
 * The median time of each task in milliseconds. They take turns over several rounds, so that what disturbs the machine
 * disturbs them alike; before each run the event loop turns, as it does between training steps.
 */
export async function medians<Name extends string>(
  tasks: Readonly<Record<Name, () => unknown>>,
  { iterations = 30, time = 900, warmup = 400 }: MedianOptions = {},
): Promise<Record<Name, number>> {
  const names = Object.keys(tasks) as Name[];
  const samples = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({
      iterations: Math.ceil(iterations / ROUNDS),
      time: time / ROUNDS,
      warmupIterations: 3,
      warmupTime: round === 0 ? warmup : 0,
      retainSamples: true,
      throws: true,
    });
    for (const name of names) {
      // What a task returns is dropped: tinybench would take a number for something of its own.
      const run = (): void => void tasks[name]();
      bench.add(name, run, { beforeEach: () => nextTurn() });
    }
    await bench.run();
    for (const { name, result } of bench.tasks) {
      if (!('latency' in result)) throw new Error(`${name} did not run`);
      samples.get(name)?.push(...(result.latency.samples ?? []));
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(samples.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

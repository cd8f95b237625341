/** What KernelTimes.vue and its worker tell each other. */
export const works = ['softmax', 'matmul'] as const;
export type Work = (typeof works)[number];

export const sizes = [64, 128, 256, 512, 1024] as const;
export type Size = (typeof sizes)[number];

/** In the order in which they run: `cpu` on all cores before it is told to keep to one. */
export const contenders = ['reference', 'cpu', 'cpu, one thread', 'gpu'] as const;
export type Contender = (typeof contenders)[number];

export interface Asked {
  work: Work;
  sizes: Size[];
  contenders: Contender[];
}

export interface Timed {
  contender: Contender;
  size: Size;
  /** Milliseconds a call; the first one compiles. */
  first: number;
  median: number;
  fastest: number;
  slowest: number;
  samples: number;
  /** How many calls a sample is the mean of. */
  calls: number;
  /** The largest difference from the reference's result. */
  error: number;
}

export interface Started {
  contender: Contender;
  /** What runs, and in one line why, as `useDevice` says it. */
  running: string;
  reason: string;
  renderer: string | null;
  /** Whether it is the device that was asked for; if not, it is not timed. */
  runs: boolean;
}

export type News =
  | ({ kind: 'device' } & Started)
  | { kind: 'begun'; contender: Contender; size: Size }
  | ({ kind: 'timed' } & Timed)
  | { kind: 'done' }
  | { kind: 'failed'; message: string };

/** Training in a page or in a worker of it: what came of it, on what, and who did the work. */
import { currentDevice } from '../../src/index.ts';
import { countParts, type Parts } from './count-parts.ts';
import { threadsExpected } from './page.ts';
import { type Trained, trainTiny } from './tiny-training.ts';

export interface Training {
  device: string;
  /** Of every run. */
  trained: Trained[];
  parts: Parts;
}

/** How long threads may take to come up, in milliseconds. */
const PATIENCE = 20_000;

/** Trains, and where there are to be several threads, once more until others than this one have taken parts. */
export async function train(): Promise<Training> {
  const parts = countParts();
  const trained: Trained[] = [];
  const began = performance.now();
  do trained.push(await trainTiny());
  while (threadsExpected() > 1 && parts.others === 0 && performance.now() - began < PATIENCE);
  return { device: currentDevice().description, trained, parts };
}

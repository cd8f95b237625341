/** Runs in Node before the pages open, and hands them what came out. */
import type { TestProject } from 'vitest/node';
import { type Trained, trainTiny } from './tiny-training.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether the page is cross-origin isolated, as its headers ask for. */
    isolated: boolean;
    /** What Node has trained. */
    trained: Trained;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('trained', await trainTiny());
}

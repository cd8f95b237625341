import { afterEach, describe, expect, test } from 'vitest';
import { gpuDevice } from '../../src/device/gpu.ts';
import { GlMachine } from '../../src/device/gpu-machine.ts';
import { GlContext, loadGpuJs } from '../../src/device/gpujs.ts';
import { addDevice, useDevice } from '../../src/device/use-device.ts';
import type { StepMetrics } from '../../src/train/trainer.ts';
import { TrainingRun } from '../../src/train/training-run.ts';
import { gpuHere } from '../gpu-here.ts';
import { freshPath, savedCurve, savedState, tinyRun } from './tiny.ts';

afterEach(async () => {
  await useDevice('cpu');
});

let context: GlContext;
let devices = 0;

/** Makes a GPU of our own current, which can be started so often. @returns its name */
async function useFragile(starts: number): Promise<string> {
  const name = `fragile-${devices++}`;
  let left = starts;
  addDevice(name, async () => {
    if (left-- === 0) throw new Error('no more contexts');
    const opened = GlContext.open(await loadGpuJs(), gpuHere.mode);
    context = opened;
    const isLost = { get: () => opened.isLost };
    return Object.defineProperties(gpuDevice(new GlMachine(opened)), { name: { value: name }, isLost });
  });
  await useDevice(name, { fallback: 'error' });
  return name;
}

interface Outcome {
  path: string;
  notices: string[];
  /** Every step that was done, also those that were lost. */
  seen: number[];
  device: string;
}

/** Trains, and loses the context after these steps, once for each time that one is named. */
async function trainLosing(steps: readonly number[], starts = Infinity): Promise<Outcome> {
  const name = await useFragile(starts);
  const path = freshPath();
  const run = TrainingRun.create(tinyRun({ steps: 7, checkpointEvery: 2, evaluateEvery: 3 }), path);
  const notices: string[] = [];
  const seen: number[] = [];
  const due = [...steps];
  try {
    await run.train({
      onNotice: (notice) => notices.push(notice.replaceAll(name, 'fragile')),
      onStep: ({ step }) => {
        seen.push(step);
        if (due[0] !== step) return;
        due.shift();
        context.lose();
      },
    });
    expect(run.metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    return { path, notices, seen, device: run.trainer.model.head.weight.device.name };
  } finally {
    run.close();
  }
}

/** The rows without what depends on when a run was interrupted. */
function course(path: string): Partial<StepMetrics>[] {
  const counts = { launches: undefined, uploads: undefined, readbacks: undefined };
  return savedCurve(path).map((row) => ({ ...row, ...counts }));
}

describe.skipIf(!gpuHere.available)('a training that loses its GPU', () => {
  test('goes on from the last checkpoint to the same end, whenever it happens', async () => {
    const whole = await trainLosing([]);
    expect(whole.seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    // Before the first checkpoint, while one is due, between two, and at the end.
    const lossy = await trainLosing([1, 4, 5, 7]);
    expect(lossy.seen).toEqual([1, 1, 2, 3, 4, 3, 4, 5, 5, 6, 7, 7]);
    const saved = [0, 2, 4, 6];
    expect(lossy.notices).toEqual(
      [1, 4, 5, 7].map(
        (step, i) =>
          `the device fragile was lost after step ${step} and was started again; ` +
          `training goes on from step ${saved[i]}, the last that was saved`,
      ),
    );
    expect(course(lossy.path)).toEqual(course(whole.path));
    expect(savedState(lossy.path)).toEqual(savedState(whole.path));
  });

  test('goes on with the cpu where the GPU cannot be started again', async () => {
    const { notices, device, seen } = await trainLosing([3], 1);
    expect(device).toBe('cpu');
    expect(seen).toEqual([1, 2, 3, 3, 4, 5, 6, 7]);
    expect(notices).toEqual([
      'the device fragile was lost after step 3 and cannot be started again (no more contexts): cpu takes over; ' +
        'training goes on from step 2, the last that was saved',
    ]);
  });

  test('gives up where the GPU is lost three times before one more step is done', async () => {
    await expect(trainLosing([3, 3, 3])).rejects.toThrow(/^gpu: the system has taken .* away/);
    expect((await trainLosing([3, 3, 4, 4, 5])).notices.length).toBe(5);
  });
});

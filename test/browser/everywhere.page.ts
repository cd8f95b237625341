/** Training in pages of either kind: the same bits as in Node, whatever the engine and the number of threads. */
import { describe, expect, inject, test } from 'vitest';
import { cpuExpected, page, threadsExpected } from './page.ts';
import { type Training, train } from './training.ts';

function check({ device, trained, parts }: Training): void {
  expect(device).toMatch(cpuExpected());
  for (const run of trained) expect(run).toEqual(inject('trained'));
  const several = threadsExpected() > 1;
  expect({ own: parts.own > 0, others: parts.others > 0 }).toEqual({ own: several, others: several });
}

describe('training has the same bits as in Node, on as many threads as there may be', () => {
  test('in the page', async () => {
    check(await train());
  });

  test('in a worker of the page', async () => {
    const worker = new page.Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const answer = await new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
    });
    worker.terminate();
    check(answer as Training);
  });
});

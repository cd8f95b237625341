/** A cross-origin isolated page: threads share its memory. */
import { expect, test, vi } from 'vitest';
import { Random, randn, type Tensor, useDevice } from '../../src/index.ts';
import { countParts } from './count-parts.ts';
import { cpuExpected, page } from './page.ts';

test('the cpu device runs on every core', async () => {
  expect(page.crossOriginIsolated).toBe(true);
  const { running, reason } = await useDevice('cpu', { fallback: 'error' });
  expect(running).toBe('cpu');
  expect(reason).toMatch(cpuExpected());
});

test('threads come up while the page works, take parts, and change no bit', async () => {
  const parts = countParts();
  const x = randn([300, 300], new Random(1));
  const work = (): Tensor => x.matmul(x).tanh().softmax();
  await useDevice('cpu', { threads: 1 });
  const alone = work().toArray();
  expect(parts).toEqual({ own: 0, others: 0 }); // nothing was handed out
  expect((await useDevice('cpu', { threads: 3 })).reason).toContain('on 3 threads;');
  await vi.waitFor(
    () => {
      expect(work().toArray()).toEqual(alone);
      expect(parts.others).toBeGreaterThan(0);
    },
    { timeout: 20_000, interval: 1 },
  );
  expect(parts.own).toBeGreaterThan(0);
});

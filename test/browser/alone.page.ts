/** A page that is not cross-origin isolated: its memory cannot be shared, so there is one thread, and the device says why. */
import { expect, test } from 'vitest';
import { useDevice } from '../../src/index.ts';
import { cpuExpected } from './page.ts';

test('the cpu device steps down to one thread and says why', async () => {
  const { running, reason } = await useDevice('cpu', { fallback: 'error' });
  expect(running).toBe('cpu');
  expect(reason).toMatch(cpuExpected());
});

test('more threads can be asked for, and are not to be had', async () => {
  const { reason } = await useDevice('cpu', { threads: 2 });
  expect(reason).toMatch(cpuExpected());
});

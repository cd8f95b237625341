import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type TestContext, test, vi } from 'vitest';
import { freshPath } from '../train/tiny.ts';
import { found, howMany } from './cases.ts';

const STEPS = howMany('HOPGRAD_STEPS', 300);
vi.setConfig({ testTimeout: 60_000 + 50 * STEPS });

// Time is reported, not tested: it is the machine's too.
for (const device of ['reference', 'cpu']) {
  test(`${device}: a long training holds at its end what it held early on`, (context: TestContext) => {
    const folder = freshPath();
    mkdirSync(folder);
    const script = fileURLToPath(new URL('endurance.mjs', import.meta.url));
    const args = ['--expose-gc', '--no-warnings', script, device, String(STEPS), folder];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { start, end, ...rest } = JSON.parse(stdout);
    expect({ ...end, step: 0, heap: 0, rss: 0, arrayBuffers: 0 }).toEqual({
      ...start,
      step: 0,
      heap: 0,
      rss: 0,
      arrayBuffers: 0,
    });
    expect(end.arrayBuffers - start.arrayBuffers).toBeLessThan(100_000);
    expect(end.heap - start.heap).toBeLessThan(1_000_000);
    expect(end.rss - start.rss).toBeLessThan(40_000_000);
    found(context, { [device]: { start, end, ...rest } });
  });
}

test('cpu: a loop of one’s own, which frees nothing and never waits, holds no more after thousands of steps', (context: TestContext) => {
  const script = fileURLToPath(new URL('own-loop.mjs', import.meta.url));
  const steps = Math.max(STEPS, 2000);
  const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', script, String(steps)], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { early, late, made, loss, kept } = JSON.parse(stdout);
  expect(made).toBeGreaterThan(1e9);
  expect(late.liveBytes).toBeLessThan(1.1 * early.liveBytes);
  expect(late.memoryBytes).toBe(early.memoryBytes);
  // Between the two a gigabyte was made; when the collector gets to it is its own affair.
  expect(late.rss - early.rss).toBeLessThan(120_000_000);
  expect(loss.late).toBeLessThan(0.1 * loss.early);
  expect(kept).toBe('as they were');
  found(context, { 'own loop': { steps, early, late } });
});

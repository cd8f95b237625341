import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type TestContext, test, vi } from 'vitest';
import { freshPath } from '../train/tiny.ts';
import { found, howMany } from './cases.ts';

const STEPS = howMany('HOPGRAD_STEPS', 300);
vi.setConfig({ testTimeout: 60_000 + 50 * STEPS });

// Time is reported, not tested: it is the machine's too.
for (const device of ['cpu', 'wasm']) {
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

/**
 * The built package in a page as people ship it: bundled and minified by Vite, opened in Chromium. Every kernel computes
 * there what it should, on the GPU and on the processor: kernels are text and numbers, which no minifier changes.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { written } from '../../src/device/borrowed.ts';
import type { DeviceReport, SelfTest } from '../../src/index.ts';
import { findChromium, launchArguments } from './chromium.ts';

const PAGE = `<!doctype html>
<title>hopgrad</title>
<script type="module">
  import { currentDevice, selfTest, useDevice } from 'hopgrad';

  globalThis.tryDevice = async (name) => {
    const report = await useDevice(name);
    return { report, result: await selfTest(currentDevice()) };
  };
</script>`;

/** Makes a page believe that there is no WebGL 2. */
const WITHOUT_WEBGL2 = `for (const { prototype } of [HTMLCanvasElement, OffscreenCanvas]) {
  const { getContext } = prototype;
  prototype.getContext = function (kind, ...more) {
    return kind === 'webgl2' ? null : getContext.call(this, kind, ...more);
  };
}`;

// Inside the package, so that 'hopgrad' is what dist holds.
mkdirSync('dist', { recursive: true });
const folder = mkdtempSync(resolve('dist', 'production-'));
let server: PreviewServer;
let browser: Browser;

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), PAGE);
  const here = { root: folder, configFile: false, logLevel: 'error', build: { outDir: 'page' } } as const;
  await build(here);
  server = await preview({ ...here, preview: { port: 0, strictPort: false } });
  browser = await chromium.launch({ executablePath: findChromium(), args: launchArguments() });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a device comes to in a page of its own. */
async function tryDevice(name: string, before = ''): Promise<{ report: DeviceReport; result: SelfTest }> {
  const page = await browser.newPage();
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  await page.addInitScript(before);
  await page.goto(server.resolvedUrls?.local[0] as string);
  await page.waitForFunction('globalThis.tryDevice');
  const found = await page.evaluate(`tryDevice(${JSON.stringify(name)})`);
  await page.close();
  expect(errors).toEqual([]);
  return found as { report: DeviceReport; result: SelfTest };
}

/** Kernels that failed, and why. */
function failures({ kernels }: SelfTest): string[] {
  expect(kernels.map(({ kernel }) => kernel)).toEqual(Object.keys(written));
  return kernels
    .filter(({ passed }) => !passed)
    .map(({ kernel, error, problem }) => `${kernel}: ${problem ?? `${error} times what is allowed`}`);
}

describe('a production page computes what it should', () => {
  test.each([
    ['WebGL 2', ''],
    ['WebGL 1', WITHOUT_WEBGL2],
  ])('with %s', async (webgl, before) => {
    const { report, result } = await tryDevice('gpu', before);
    expect(report).toMatchObject({ asked: 'gpu', running: 'gpu' });
    expect(report.reason).toContain(`${webgl} through gpu.js`);
    expect(failures(result)).toEqual([]);
    const onHost = result.kernels.filter(({ calls, onDevice }) => onDevice !== calls);
    expect(onHost.map(({ kernel }) => kernel)).toEqual(['gumbel']); // whose bits are the same everywhere
    expect(result.timings.filter(({ problem }) => problem !== null)).toEqual([]);
  });

  test('on the processor', async () => {
    const { report, result } = await tryDevice('cpu');
    expect(report).toMatchObject({ asked: 'cpu', running: 'cpu', renderer: null });
    expect(failures(result)).toEqual([]);
  });
});

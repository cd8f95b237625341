/**
 * The engine in Chromium, from its TypeScript sources: its part of the test suite in a page whose threads may share
 * memory, what has to hold in a page where they may not, and the GPU with WebGL 2 and with WebGL 1; then the built
 * package in pages as people ship them.
 *
 *   npm run test:browser -- test/ops       only these files
 *   CHROMIUM=/path/to/it                   another Chromium
 *   CHROMIUM_FLAGS='--enable-gpu --ignore-gpu-blocklist --use-angle=vulkan --enable-features=Vulkan'
 *                                          on the GPU of a Linux machine that has no screen
 */
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import type { GpuHere } from '../gpu-here.ts';
import { findChromium, launchArguments } from './chromium.ts';

/** The folders of tests that know neither files nor processes, and the tests made for pages. */
const ENGINE = [
  'kernels',
  'ops',
  'autograd',
  'tensor',
  'nn',
  'optim',
  'routing',
  'model',
  'properties',
  'device',
];

/** What of it needs Node, and for what. */
const NODE_ONLY = [
  'test/tensor/print.test.ts', // node:util, whose inspect prints a tensor
  'test/device/threads.test.ts', // starts processes
  'test/device/use-device.test.ts', // a machine where this and that is missing
  'test/train/device-lost-gpu.test.ts', // trains in a folder
  'test/model/state-dict.test.ts', // reads and writes a file
  'test/properties/reach.test.ts', // the same
];

/** A page with these two headers is cross-origin isolated: memory can be shared between its threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What is tested on the GPU, with WebGL 2 and with WebGL 1; a page without one fails. */
const GPU_TESTS = ['test/**/*-gpu.test.ts', 'test/browser/gpu.page.ts'];

/** What test/properties/runs.ts reads: how often to try, and which failure to repeat. */
const { HOPGRAD_CASES, HOPGRAD_SEED, HOPGRAD_PATH } = process.env;

/** The pages, in their order. */
const PAGES: readonly {
  name: string;
  headers: Record<string, string>;
  include: string[];
  exclude?: string[];
  gpu?: GpuHere;
}[] = [
  {
    name: 'isolated',
    headers: ISOLATION,
    include: [
      ...ENGINE.map((folder) => `test/${folder}/**/*.test.ts`),
      'test/browser/{everywhere,isolated}.page.ts',
    ],
    exclude: GPU_TESTS,
  },
  { name: 'alone', headers: {}, include: ['test/browser/{everywhere,alone}.page.ts'] },
  ...(['webgl2', 'webgl'] as const).map((mode) => ({
    name: mode,
    headers: {},
    include: GPU_TESTS,
    gpu: { available: true, mode },
  })),
];

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  define: { 'process.env': JSON.stringify({ HOPGRAD_CASES, HOPGRAD_SEED, HOPGRAD_PATH }) },
  // Named, so that they are bundled before the pages open: finding one on the way would load every page again.
  optimizeDeps: { include: ['@huggingface/tokenizers', 'fast-check', 'gpu.js'] },
  test: {
    testTimeout: 30_000,
    // One file, and one kind of page, at a time: threads that look for work would take the cores from one another.
    fileParallelism: false,
    globalSetup: fileURLToPath(new URL('in-node.ts', import.meta.url)),
    setupFiles: fileURLToPath(new URL('setup.ts', import.meta.url)),
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: findChromium(),
          args: launchArguments(),
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
    projects: [
      ...PAGES.map(({ name, headers, include, exclude = [], gpu }, groupOrder) => ({
        extends: true as const,
        server: { headers },
        test: {
          name,
          include,
          exclude: [...NODE_ONLY, ...exclude],
          sequence: { groupOrder },
          provide: { isolated: name === 'isolated', ...(gpu ? { gpu } : {}) },
        },
      })),
      {
        // Opens its pages itself: those that people would ship.
        test: {
          name: 'production',
          include: ['test/browser/production.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: PAGES.length },
        },
      },
    ],
  },
});

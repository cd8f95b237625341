/**
 * The engine in Chromium, from its TypeScript sources: its part of the test suite in a page whose threads may share
 * memory, and what has to hold in a page where they may not.
 *
 *   npm run test:browser -- test/ops       only these files
 *   CHROMIUM=/path/to/it                   another Chromium
 */
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
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
  'test/device/kernels.test.ts', // gpu.js without a GPU, whose every kernel takes a memory of its own
  'test/device/threads.test.ts', // starts processes
  'test/device/use-device.test.ts', // expects no WebGL
  'test/model/state-dict.test.ts', // reads and writes a file
  'test/properties/reach.test.ts', // the same
];

/** A page with these two headers is cross-origin isolated: memory can be shared between its threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What test/properties/runs.ts reads: how often to try, and which failure to repeat. */
const { HOPGRAD_CASES, HOPGRAD_SEED, HOPGRAD_PATH } = process.env;

/** The pages, in their order. */
const PAGES: readonly { name: string; headers: Record<string, string>; include: string[] }[] = [
  {
    name: 'isolated',
    headers: ISOLATION,
    include: [
      ...ENGINE.map((folder) => `test/${folder}/**/*.test.ts`),
      'test/browser/{everywhere,isolated}.page.ts',
    ],
  },
  { name: 'alone', headers: {}, include: ['test/browser/{everywhere,alone}.page.ts'] },
];

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  define: { 'process.env': JSON.stringify({ HOPGRAD_CASES, HOPGRAD_SEED, HOPGRAD_PATH }) },
  // Named, so that they are bundled before the pages open: finding one on the way would load every page again.
  optimizeDeps: { include: ['@huggingface/tokenizers', 'fast-check'] },
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
    projects: PAGES.map(({ name, headers, include }, groupOrder) => ({
      extends: true,
      server: { headers },
      test: {
        name,
        include,
        exclude: NODE_ONLY,
        sequence: { groupOrder },
        provide: { isolated: name === 'isolated' },
      },
    })),
  },
});

/**
 * The built book in Chromium. It builds nothing: npm run docs:build first.
 *
 *   npm run test:site -- live      only files with this in their names
 *   CHROMIUM=/path/to/it           another Chromium
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  test: {
    include: ['test/docs/site/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One browser at a time.
    fileParallelism: false,
  },
});

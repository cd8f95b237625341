import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests are found under test/ but run from the repository's root, so that paths read the same everywhere. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    // A process per test file: workers, signals and process-wide state cannot leak from one file to the next.
    pool: 'forks',
    globalSetup: fileURLToPath(new URL('setup.ts', import.meta.url)),
    testTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'kernels/**/*.ts'],
      reporter: ['text', 'lcov'],
      reportsDirectory: 'coverage',
    },
  },
});

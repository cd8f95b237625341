import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

/** Tests are found under test/ but run from the repository's root, so that paths read the same everywhere. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  // What pages of the book compute is written against the package's name.
  resolve: {
    alias: [{ find: /^hopgrad$/, replacement: fileURLToPath(new URL('../src/index.ts', import.meta.url)) }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // They open the built site: npm run test:site.
    exclude: [...configDefaults.exclude, 'test/docs/site/**'],
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

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/mutation/everything.test.ts'],
    testTimeout: 30_000,
    env: {
      // A wrong op is wrong nearly everywhere: few cases find it, and a mutant that survives costs every one of them.
      HOPGRAD_CASES: '4',
    },
  },
});

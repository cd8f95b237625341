import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** cheap.test.ts before others.test.ts. */
class ByName extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
  }
}

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/mutation/*.test.ts'],
    testTimeout: 30_000,
    sequence: { sequencer: ByName },
    fileParallelism: false,
    env: {
      // A wrong op is wrong nearly everywhere: few cases find it, and a mutant that survives costs every one of them.
      HOPGRAD_CASES: '4',
    },
  },
});

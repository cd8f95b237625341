/**
 * All tests of some rooms in one file, so that a mutant costs one start of a process and one loading of the modules.
 * `npm run test:mutation` names the rooms; the order is theirs, and Stryker stops at the first test that fails.
 */
/// <reference types="vite/client" />
import { expect, test } from 'vitest';

const rooms = (process.env.HOPGRAD_MUTATION_ROOMS ?? 'ops').split(',');
/** They test the generators and laws of the properties, not src. */
const testsOfTests = ['../properties/negative-controls.test.ts', '../properties/draw.test.ts'];

const files = import.meta.glob('../*/*.test.ts');
const broken: unknown[] = [];

// First, because a file that a mutant keeps from loading defines no test that could fail.
test('every test file loads', () => {
  expect(broken).toEqual([]);
});

for (const room of rooms) {
  const paths = Object.keys(files).filter(
    (path) => path.startsWith(`../${room}/`) && !testsOfTests.includes(path),
  );
  if (paths.length === 0) throw new Error(`there are no tests in test/${room}`);
  for (const path of paths) {
    try {
      await files[path]();
    } catch (error) {
      broken.push(error);
    }
  }
}

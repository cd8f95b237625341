/**
 * Defines the tests of many files in one, so that a mutant costs one start of a process and one loading of the modules.
 * Stryker stops at the first test that fails, so the cheap ones come first.
 */
/// <reference types="vite/client" />
import { expect, test } from 'vitest';

const files = import.meta.glob('../*/*.test.ts');

/**
 * @param prefixes of paths under test/, separated by commas, such as 'ops/,properties/gradients'; their order is kept
 * @throws Error for a prefix that no file has
 */
export async function loadTests(prefixes: string): Promise<void> {
  const broken: unknown[] = [];
  // First, because a file that a mutant keeps from loading defines no test that could fail.
  test('every test file loads', () => {
    expect(broken).toEqual([]);
  });
  for (const prefix of prefixes.split(',')) {
    const paths = Object.keys(files).filter((path) => path.startsWith(`../${prefix}`));
    if (paths.length === 0) throw new Error(`there are no tests in test/${prefix}`);
    for (const path of paths) await files[path]().catch((error) => broken.push(error));
  }
}

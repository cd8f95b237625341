// Runs tests as an experiment: turned up by environment variables, and with their figures.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs the tests in some files or folders, progress on standard error.
 *
 * @returns the files' results as Vitest's JSON reporter has them: `meta` of a test holds what it measured
 */
export async function runTests(paths, environment) {
  const work = mkdtempSync(join(tmpdir(), 'hopgrad-experiment-'));
  const report = join(work, 'report.json');
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--config', 'test/vitest.config.ts', ...paths],
      ...['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`],
    ],
    { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 2, 2] },
  );
  await once(child, 'close');
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(work, { recursive: true });
  return testResults;
}

/** `file: title` of every test that did not pass. */
export function failuresOf(testResults) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${name}: ${test.fullName}`);
    return tests.length > 0 || status === 'passed' ? tests : [`${name}: ${message}`];
  });
}

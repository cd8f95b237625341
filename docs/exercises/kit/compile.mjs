// Compiles the exercises, and says what is wrong in which lines of whose file.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { home, root } from './files.mjs';

/**
 * Errors by file, as docs/exercises/06-matmul-backward/exercise.ts. What has errors is built all the same.
 *
 * @returns {Map<string, { line: number, column: number, message: string, source: string }[]>}
 */
export function compile() {
  if (!existsSync(`${root}dist/src/index.js`)) throw new Error('the library is not built: npm run -s build');
  const typescript = dirname(createRequire(`${root}package.json`).resolve('typescript/package.json'));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(typescript, 'bin/tsc'), '-p', home, '--pretty', 'false'],
    { cwd: root, encoding: 'utf8' },
  );
  const errors = new Map();
  for (const text of stdout.split(/\n(?=\S)/)) {
    const found = /^(.+?)\((\d+),(\d+)\): error TS\d+: ([\s\S]+)$/.exec(text.trimEnd());
    if (!found) continue;
    const [, file, line, column, message] = found;
    const source = readFileSync(join(root, file), 'utf8').split('\n')[line - 1];
    const list = errors.get(file) ?? [];
    errors.set(file, [...list, { line: Number(line), column: Number(column), message, source }]);
  }
  if (status !== 0 && errors.size === 0) throw new Error(`tsc: ${stdout}${stderr}`);
  return errors;
}

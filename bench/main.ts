// Runs every benchmark beside this file (`name.bench.ts`), or those whose name contains a given word, each in a process
// of its own, so that none warms up or clutters the engine of another:
//   npm run bench
//   npm run bench -- gemm --threads 1 --json
// For the options see session.ts.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
const firstOption = args.findIndex((arg) => arg.startsWith('-'));
const words = firstOption < 0 ? args : args.slice(0, firstOption);
const options = args.slice(words.length);
const names = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.bench.js'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();
if (names.length === 0) {
  console.error(`no benchmark ${words.length > 0 ? `named like ${words.join(' or ')}` : 'yet'} in bench/`);
  process.exitCode = 1;
}
for (const name of names) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const { status } = spawnSync(process.execPath, [...process.execArgv, file, ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}

// Runs every benchmark beside this file (`name.bench.ts`), or those whose name contains a given word:
//   npm run bench
//   npm run bench -- matmul
import { readdirSync } from 'node:fs';

const words = process.argv.slice(2);
const names = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.bench.js'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();
if (names.length === 0) {
  console.error(`no benchmark ${words.length > 0 ? `named like ${words.join(' or ')}` : 'yet'} in bench/`);
  process.exitCode = 1;
}
for (const name of names) {
  console.log(`\n${name.replace('.bench.js', '')}`);
  await import(new URL(name, import.meta.url).href);
}

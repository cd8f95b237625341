// What the pages run examples with: the library as one module, public/hopgrad/index.js, and every example as JavaScript.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { book, builtFrom, exampleFiles, nameOf, root } from './paths.mjs';

rmSync(`${book}public/hopgrad`, { recursive: true, force: true });
rmSync(`${book}public/programs`, { recursive: true, force: true });
await build({
  entryPoints: [`${root}dist/src/index.js`],
  outdir: `${book}public/hopgrad`,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  keepNames: true, // a page asks what a value is called before it prints it
  external: ['node:*'],
  logLevel: 'warning',
});
for (const file of exampleFiles()) {
  const code = readFileSync(builtFrom(file), 'utf8');
  const target = `${book}public/programs/${nameOf(file)}.js`;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code.replace(/^[ \t]*\/\/ #(end)?region.*\n/gm, ''));
}
cpSync(`${root}src/data/corpus/moby-dick.txt`, `${book}public/moby-dick.txt`);

// Runs every example of the book once and keeps what each of its regions printed: docs/.printed, which the pages show.
//   node site/run-examples.mjs                      those that changed, or all where the engine did
//   node site/run-examples.mjs part-of-a-name       these in any case, the others as they were
// Examples are built before (npm run -s build && tsc -p docs/tsconfig.json, as npm run docs:build does). An example that
// throws, or takes longer than ten minutes, is an error, and what it printed before is forgotten.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { book, builtFrom, exampleFiles, printedBy, root } from './paths.mjs';

const LIMIT_MS = 600_000; // on a busy machine; on a quiet one the longest takes some seconds
const SIDE_BY_SIDE = 2;
const [pattern] = process.argv.slice(2);

const all = exampleFiles();
const folder = mkdtempSync(join(tmpdir(), 'hopgrad-examples-'));
/** By example: the digest of what its output was made from. */
const madeFrom = `${book}.printed/made-from.json`;
const digests = existsSync(madeFrom) ? JSON.parse(readFileSync(madeFrom, 'utf8')) : {};
const engine = engineDigest();
const queue =
  pattern === undefined
    ? all.filter((file) => !existsSync(printedBy(file)) || digests[file] !== digestOf(file))
    : all.filter((file) => file.includes(pattern));
if (pattern !== undefined && queue.length === 0)
  throw new Error(`no example has '${pattern}' in its name: ${all.join(', ')}`);
if (queue.length < all.length) console.log(`${all.length - queue.length} examples are as they were`);

let failed = 0;
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
rmSync(folder, { recursive: true });
if (failed > 0) process.exit(1);

async function work() {
  for (let file = queue.shift(); file; file = queue.shift()) {
    const began = performance.now();
    try {
      rmSync(printedBy(file), { force: true });
      const digest = digestOf(file);
      const printed = await run(file);
      mkdirSync(dirname(printedBy(file)), { recursive: true });
      writeFileSync(printedBy(file), JSON.stringify(printed, null, 1));
      digests[file] = digest;
      writeFileSync(madeFrom, JSON.stringify(digests, null, 1));
      console.log(`ran ${file} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.error(`FAILED ${file}\n${error.stderr || error.message}`);
    }
  }
}

/** Of what all examples run on: the built engine, the recorder, and Node. */
function engineDigest() {
  const hash = createHash('sha256').update(process.version);
  hash.update(readFileSync(`${book}site/recorder.mjs`));
  for (const part of ['src', 'kernels']) {
    const names = readdirSync(`${root}dist/${part}`, { recursive: true }).filter((name) =>
      name.endsWith('.js'),
    );
    for (const name of names.sort()) hash.update(name).update(readFileSync(`${root}dist/${part}/${name}`));
  }
  return hash.digest('hex');
}

function digestOf(file) {
  return createHash('sha256')
    .update(engine)
    .update(readFileSync(builtFrom(file)))
    .digest('hex');
}

/** What it prints, by region; '' is what stands outside. The program runs beside the built one, so imports find the same. */
async function run(file) {
  const built = builtFrom(file);
  const recorded = built.replace(/\.js$/, '.recorded.mjs');
  const output = join(folder, file.replaceAll('/', '-'));
  const recorder = pathToFileURL(`${book}site/recorder.mjs`).href;
  const compiled = readFileSync(built, 'utf8');
  for (const [, name] of readFileSync(book + file, 'utf8').matchAll(/^\s*\/\/ #region (\S+)/gm))
    if (!compiled.includes(`// #region ${name}`))
      throw new Error(
        `region '${name}' begins with a type, and the compiler drops its mark: begin it with what stays`,
      );
  const code = compiled
    .replace(/^\s*\/\/ #region (\S+).*$/gm, '__recorder.region("$1");')
    .replace(/^\s*\/\/ #endregion.*$/gm, '__recorder.region(null);');
  writeFileSync(recorded, `import * as __recorder from ${JSON.stringify(recorder)};\n${code}`);
  try {
    await promisify(execFile)(process.execPath, [recorded], {
      cwd: root,
      env: { ...process.env, HOPGRAD_PRINTED: output },
      timeout: LIMIT_MS,
    });
    return JSON.parse(readFileSync(output, 'utf8'));
  } finally {
    rmSync(recorded, { force: true });
  }
}

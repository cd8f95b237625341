// How much there is to read: lines of code per room against the budgets below.
// Counted: lines of .ts files under src/ and kernels/ that hold code. Blank lines and lines that are nothing but
// comment are left out of `code` and shown beside it. Exits with 1 when the evening path or the ceiling is exceeded.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Where src and kernels should come to rest, and what they may not outgrow meanwhile: lower it with every thinning-out.
 * Kernels have budgets of their own, for a reader needs one dialect at a time; so have the tasks that models are tried on and
 * the comparison of all of them (`hopgrad reproduce`).
 */
const BUDGETS = {
  src: { target: 8000, ceiling: 13_000 },
  'src, tasks': { target: 1500, ceiling: 1800 },
  'src, comparison': { target: 2500, ceiling: 3400 },
  'kernels, CPU': { target: 5000, ceiling: 6200 },
  'kernels, GPU': { target: 2000, ceiling: 2450 },
};
const EVENING_BUDGET = 2500;
/** What a reader needs to follow skipping from the tensor to the training step; not what it is compared with. */
const EVENING_PATH = ['src/tensor/', 'src/autograd/', 'src/routing/', 'src/model/', 'src/train/trainer.ts'];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const files = ['src', 'kernels'].flatMap((top) =>
  readdirSync(top, { recursive: true, encoding: 'utf8' })
    .map((name) => `${top}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts')),
);
if (files.length === 0) throw new Error('no .ts files under src/ and kernels/: nothing to count');

const rooms = new Map();
const none = { files: 0, code: 0, comment: 0, blank: 0 };
const tops = Object.fromEntries(Object.keys(BUDGETS).map((name) => [name, { ...none }]));
const total = { ...none };
const evening = { ...none };
for (const file of files) {
  const count = countLines(readFileSync(file, 'utf8'));
  const room = roomOf(file);
  if (!rooms.has(room)) rooms.set(room, { ...none });
  add(rooms.get(room), count);
  add(tops[budgetOf(file)], count);
  add(total, count);
  if (EVENING_PATH.some((part) => file.startsWith(part)) && !file.includes('/compared/')) add(evening, count);
}

console.log('Lines of code: .ts files under src/ and kernels/, without blank and comment-only lines.\n');
print('room', { files: 'files', code: 'code', comment: 'comment', blank: 'blank' });
for (const room of [...rooms.keys()].sort()) print(room, rooms.get(room));
print('all rooms', total);
print('evening path', evening);
console.log(`\nThe evening path is ${EVENING_PATH.join(', ')}.`);
const held = [check('evening path', evening.code, EVENING_BUDGET)];
for (const [top, { target, ceiling }] of Object.entries(BUDGETS)) {
  check(`${top}, target`, tops[top].code, target);
  held.push(check(`${top}, ceiling`, tops[top].code, ceiling));
}
if (held.includes(false)) process.exitCode = 1;

function budgetOf(file) {
  if (/^src\/(evaluate\/one-shot|data\/hop24)\//.test(file)) return 'src, tasks';
  if (/^src\/(reproduce|.*\/compared|report\/reproduction|cli\/commands\/reproduce)/.test(file))
    return 'src, comparison';
  if (file.startsWith('src/')) return 'src';
  return /\/(gpu[^/]*|glsl\/.*)\.ts$/.test(file) ? 'kernels, GPU' : 'kernels, CPU';
}

function roomOf(file) {
  const parts = file.split('/');
  return parts.length > 2 ? `${parts[0]}/${parts[1]}` : parts[0];
}

function countLines(source) {
  const count = { files: 1, code: 0, comment: 0, blank: 0 };
  let insideComment = false;
  for (const line of source.replace(/\n$/, '').split('\n')) {
    const text = line.trim();
    if (!insideComment && text === '') count.blank++;
    else if (insideComment || text.startsWith('//') || text.startsWith('/*')) {
      insideComment = (insideComment || text.startsWith('/*')) && !text.includes('*/');
      count.comment++;
    } else count.code++;
  }
  return count;
}

function add(sum, count) {
  for (const key of Object.keys(sum)) sum[key] += count[key];
}

function print(name, { files, code, comment, blank }) {
  const cells = [files, code, comment, blank].map((cell) => String(cell).padStart(9));
  console.log(name.padEnd(24) + cells.join(''));
}

function check(name, code, budget) {
  const fits = code <= budget;
  const verdict = fits ? `${budget - code} to spare` : `${code - budget} over`;
  console.log(`${name}: ${code} of ${budget} lines of code, ${verdict}`);
  return fits;
}

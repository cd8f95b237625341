// How much there is to read: lines of code per room against the budgets below.
// Counted: lines of .ts files under src/ and kernels/ that hold code. Blank lines and lines that are nothing but
// comment are left out of `code` and shown beside it. Exits with 1 when the evening path or the ceiling is exceeded.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the whole should come to rest, and what it may not outgrow meanwhile: lower it with every thinning-out. */
const TOTAL_TARGET = 8000;
const TOTAL_CEILING = 11_500;
const EVENING_BUDGET = 2500;
/** What a reader needs to follow skipping from the tensor to the training step. */
const EVENING_PATH = ['src/tensor/', 'src/autograd/', 'src/routing/', 'src/model/', 'src/train/trainer.ts'];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const files = ['src', 'kernels'].flatMap((top) =>
  readdirSync(top, { recursive: true, encoding: 'utf8' })
    .map((name) => `${top}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts')),
);
if (files.length === 0) throw new Error('no .ts files under src/ and kernels/: nothing to count');

const rooms = new Map();
const total = { files: 0, code: 0, comment: 0, blank: 0 };
const evening = { files: 0, code: 0, comment: 0, blank: 0 };
for (const file of files) {
  const count = countLines(readFileSync(file, 'utf8'));
  const room = roomOf(file);
  if (!rooms.has(room)) rooms.set(room, { files: 0, code: 0, comment: 0, blank: 0 });
  add(rooms.get(room), count);
  add(total, count);
  if (EVENING_PATH.some((part) => file.startsWith(part))) add(evening, count);
}

console.log('Lines of code: .ts files under src/ and kernels/, without blank and comment-only lines.\n');
print('room', { files: 'files', code: 'code', comment: 'comment', blank: 'blank' });
for (const room of [...rooms.keys()].sort()) print(room, rooms.get(room));
print('all rooms', total);
print('evening path', evening);
console.log(`\nThe evening path is ${EVENING_PATH.join(', ')}.`);
check('all rooms, target', total.code, TOTAL_TARGET);
const held = [
  check('all rooms, ceiling', total.code, TOTAL_CEILING),
  check('evening path', evening.code, EVENING_BUDGET),
];
if (held.includes(false)) process.exitCode = 1;

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
  const verdict = fits ? `${budget - code} to spare` : `${code - budget} too many`;
  console.log(`${name}: ${code} of ${budget} lines of code, ${verdict}`);
  return fits;
}

// npm run learn: the exercises of the book. `npm run learn help` says how.
import { existsSync } from 'node:fs';
import { attempt, attempts, DEFAULT_SEED } from './kit/attempt.mjs';
import { compile } from './kit/compile.mjs';
import { exerciseFile, folders, foldersFor, hintsOf, numberOf, reset, solutionOf } from './kit/files.mjs';
import { heading, list, report, typeErrors, usage, wrap } from './kit/print.mjs';

const ACTIONS = ['hint', 'solution', 'reset', 'seed', 'help'];

process.exitCode = await main(process.argv.slice(2));

async function main(args) {
  const asked = understand(args);
  if (asked.problem) {
    console.error(`${asked.problem} How it works: npm run learn help`);
    return 2;
  }
  const { folder, action, number } = asked;
  if (action === 'help') {
    console.log(usage);
    return 0;
  }
  if (action === 'reset') return resetAll(folder ? [folder] : folders);
  for (const each of folders) if (!existsSync(exerciseFile(each))) reset(each);
  if (!folder) return listAll();
  if (action === 'hint') {
    const hints = hintsOf(folder);
    const which = Math.min(Math.max(number ?? 1, 1), hints.length);
    console.log(`\n${wrap(hints[which - 1])}\n`);
    if (which === 1) console.log(`${wrap(`A fuller one: npm run learn ${numberOf(folder)} hint 2`)}\n`);
    return 0;
  }
  if (action === 'solution') {
    console.log(`\n${solutionOf(folder)}`);
    return 0;
  }
  return check(folder, number ?? DEFAULT_SEED);
}

/**
 * Words and flags, in any order. npm keeps flags for itself unless they stand behind --, and hands them on as variables:
 * `--hint --hint` as npm_config_hint=true twice, and in older versions `--hint 2` as npm_config_hint=2.
 */
function understand(args) {
  const words = [...args];
  for (const action of ACTIONS) {
    const given = process.env[`npm_config_${action}`];
    if (given === undefined) continue;
    for (const value of given.split(/\s+/))
      words.push(action, ...(value === 'true' || value === '' ? [] : [value]));
  }
  const actions = [];
  const others = [];
  for (const word of words) {
    const plain = word.replace(/^--?/, '').toLowerCase();
    if (ACTIONS.includes(plain) || plain === 'h' || plain === 'hints')
      actions.push({ h: 'help', hints: 'hint' }[plain] ?? plain);
    else if (word.startsWith('-')) return { problem: `There is no ${word}.` };
    else others.push(plain);
  }
  const [action] = actions;
  if (actions.some((other) => other !== action))
    return { problem: `Either ${[...new Set(actions)].join(' or ')}.` };
  if (action === 'help') return { action };
  const [name, ...more] = others;
  if (name === undefined) {
    if (!action) return {};
    return { problem: `Of which exercise? Say its number, too${action === 'reset' ? ', or all' : ''}.` };
  }
  if (action === 'reset' && name === 'all' && more.length === 0) return { action };
  const found = foldersFor(name);
  if (found.length !== 1) {
    const what =
      found.length === 0 ? `No exercise is called '${name}'.` : `'${name}' may be ${found.join(', ')}.`;
    return { problem: what };
  }
  const [number] = more;
  const takesNumber = action === 'hint' || action === 'seed';
  if (more.length > (takesNumber ? 1 : 0) || (number !== undefined && !/^\d+$/.test(number))) {
    return { problem: `What is '${more.join(' ')}'?` };
  }
  if (action === 'seed' && number === undefined)
    return { problem: 'Which seed? Say a number behind the exercise.' };
  const times = actions.length > 1 ? actions.length : undefined;
  return { folder: found[0], action, number: number === undefined ? times : Number(number) };
}

function resetAll(which) {
  for (const folder of which) {
    const kept = reset(folder);
    if (kept) console.log(`${folder} is as it was. Yours is kept in ${kept}`);
  }
  console.log(
    which.length === 1
      ? `docs/exercises/${which[0]}/exercise.ts has its hole.`
      : 'All exercises have their holes.',
  );
  return 0;
}

async function check(folder, seed) {
  const file = `docs/exercises/${folder}/exercise.ts`;
  const errors = compile().get(file);
  const job = { folder, answer: errors ? null : 'exercise', seed };
  const { outcomes, ...about } = await attempt(job);
  console.log(heading(folder, about));
  if (errors) {
    console.log(`${typeErrors(file, errors)}\n`);
    return 1;
  }
  const next = folders[folders.indexOf(folder) + 1];
  console.log(`${report(folder, outcomes[0], { seed, next })}\n`);
  return outcomes[0].state === 'solved' ? 0 : 1;
}

async function listAll() {
  const errors = compile();
  const broken = (folder) => errors.has(`docs/exercises/${folder}/exercise.ts`);
  const rows = [];
  const jobs = folders.map((folder) => ({ folder, answer: broken(folder) ? null : 'exercise' }));
  for await (const { folder, title, chapter, outcomes } of attempts(jobs, { quiet: true })) {
    rows.push({ folder, title, chapter, state: outcomes[0]?.state ?? 'broken' });
  }
  console.log(`${list(rows)}\n`);
  return 0;
}

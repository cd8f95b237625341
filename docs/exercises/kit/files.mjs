// Where exercises lie, and what is made of their texts: holes out of solutions, hints out of pages.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, of the exercises, and of the book's chapters; all end with a slash. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const home = `${root}docs/exercises/`;
const chapters = `${root}docs/book/`;

/** Every exercise by the name of its folder, as 06-matmul-backward, in their order. */
export const folders = readdirSync(home)
  .filter((name) => /^\d\d-/.test(name))
  .sort();

export const numberOf = (folder) => folder.slice(0, 2);
export const exerciseFile = (folder) => `${home}${folder}/exercise.ts`;
const solutionFile = (folder) => `${home}${folder}/solution.ts`;

/** Those that a word means: a number, or a part of the name. */
export function foldersFor(word) {
  if (/^\d+$/.test(word)) return folders.filter((folder) => Number(numberOf(folder)) === Number(word));
  return folders.filter((folder) => folder.includes(word.toLowerCase()));
}

/** What a reader begins with: the solution, a hole where it has its region `yours`. */
export function holeOf(folder) {
  const number = numberOf(folder);
  const [header, open] = [
    `// Exercise ${Number(number)}. Write what is missing, then: npm run learn ${number}`,
    'throw new Hole();',
  ];
  const text = readFileSync(solutionFile(folder), 'utf8').replace(
    /^( *)\/\/ #region yours\n[\s\S]*?\/\/ #endregion$/gm,
    `$1${open}`,
  );
  const imports = [...text.matchAll(/^import [^;]*;\n/gm)].at(-1);
  const end = imports ? imports.index + imports[0].length : 0;
  const rest = text.slice(end).replace(/^\n+/, '');
  return `${header}\n${text.slice(0, end)}import { Hole } from '../kit/hole.ts';\n\n${rest}`;
}

/** The solution, without its marks. */
export function solutionOf(folder) {
  return readFileSync(solutionFile(folder), 'utf8').replace(/^ *\/\/ #(end)?region.*\n/gm, '');
}

/** The first hint and the fuller one. */
export function hintsOf(folder) {
  const text = readFileSync(`${home}${folder}/hints.md`, 'utf8');
  const found = /^## A first hint\n\n([\s\S]+?)\n\n## A fuller one\n\n([\s\S]+)$/.exec(text);
  if (!found) throw new Error(`${folder}/hints.md: expected '## A first hint' and '## A fuller one'`);
  return [found[1].trim(), found[2].trim()];
}

/** What a chapter is called, by its own heading. */
export function chapterTitle(chapter) {
  const prefix = `${String(chapter).padStart(2, '0')}-`;
  const file = readdirSync(chapters).find((name) => name.startsWith(prefix));
  const heading = file && /^# (.+)$/m.exec(readFileSync(chapters + file, 'utf8'))?.[1];
  return heading ? heading.replace(/^(chapter )?\d+[.:]? */i, '') : `Chapter ${chapter}`;
}

/** Puts the hole back; what was there is kept. Returns where, or null where there was nothing to keep. */
export function reset(folder) {
  const [file, hole] = [exerciseFile(folder), holeOf(folder)];
  const before = existsSync(file) ? readFileSync(file, 'utf8') : hole;
  writeFileSync(file, hole);
  if (before === hole) return null;
  const kept = `dist/docs/exercises/${folder}/exercise.before-reset.ts`;
  mkdirSync(dirname(root + kept), { recursive: true });
  writeFileSync(root + kept, before);
  return kept;
}

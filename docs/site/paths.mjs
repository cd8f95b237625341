import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, and of the book in it; both end with a slash. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const book = `${root}docs/`;

/** Every example, as examples/01-tensors/strides.ts. Files whose names begin with _ are imported by others. */
export function exampleFiles() {
  return readdirSync(`${book}examples`, { recursive: true })
    .map((name) => `examples/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts') && !name.includes('/_'))
    .sort();
}

/** The pages of the book. */
export function pageFiles() {
  return readdirSync(book, { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && !/(^|\/)(node_modules|source|api|\.vitepress)\//.test(name))
    .sort();
}

/** The pages that site/api.mjs writes. */
export function apiFiles() {
  const folder = `${book}reference/api`;
  return existsSync(folder) ? readdirSync(folder).map((name) => `reference/api/${name}`) : [];
}

/** What an example is called in the folders of what comes of it: 01-tensors/strides. */
export const nameOf = (example) => example.replace(/^examples\//, '').replace(/\.ts$/, '');

/** What an example was compiled to. */
export const builtFrom = (example) => `${root}dist/docs/${example.replace(/\.ts$/, '.js')}`;

/** Where it is kept what an example printed, by region. */
export const printedBy = (example) => `${book}.printed/${nameOf(example)}.json`;

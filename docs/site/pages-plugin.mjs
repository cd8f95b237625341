// What pages are written in, beyond Markdown:
//
//   <<< examples/01-tensors/strides.ts#view        a region of an example, what it prints, a button that runs it
//   <<< src/routing/estimators.ts#straightThrough  a declaration of the project, under its path
//
// and links to files of the repository, ../../src/ops/softmax.ts, which lead to a page with the file.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { excerpt } from './excerpt.mjs';
import { apiFiles, book, nameOf, pageFiles, printedBy, root } from './paths.mjs';

const INCLUDE = /^<<< ([^\s#]+)(?:#(\S+))?[ \t]*$/gm;

/** A Vite plugin that writes the code into the pages before VitePress reads them. */
export function includeCode() {
  return {
    name: 'hopgrad-include-code',
    enforce: 'pre',
    transform(text, id) {
      return id.endsWith('.md') ? withCode(text) : undefined;
    },
  };
}

export function withCode(text) {
  return text.replace(INCLUDE, (_, path, name) =>
    path.startsWith('examples/') ? example(path, name) : project(path, name),
  );
}

function example(path, name) {
  if (!existsSync(printedBy(path)))
    throw new Error(`${path} has not been run: node docs/site/run-examples.mjs ${path}`);
  const lines = JSON.parse(readFileSync(printedBy(path), 'utf8'))[name ?? ''] ?? [];
  const figures = lines.filter(isFigure).map((svg, i) => figure(svg, path, name, i));
  const words = lines.filter((line) => !isFigure(line));
  return [
    '```ts',
    excerpt(`docs/${path}`, name),
    '```',
    ...(words.length > 0 ? ['', '<div class="prints">', '', '```text', ...words, '```', '', '</div>'] : []),
    ...figures,
    '',
    `<RunHere file="${path}" program="${nameOf(path)}" />`,
    '',
  ].join('\n');
}

function project(path, name) {
  return [
    '<div class="project-code">',
    '',
    `[${path}](${sourcePage(path)})`,
    '',
    '```ts',
    excerpt(path, name),
    '```',
    '',
    '</div>',
  ].join('\n');
}

const isFigure = (line) => line.startsWith('<svg');

/** An image of its own, drawn by the example; written where it has changed. */
function figure(svg, path, name, number) {
  const file = `figures/${nameOf(path)}-${name ?? 'figure'}${number || ''}.svg`;
  const target = `${book}public/${file}`;
  mkdirSync(posix.dirname(target), { recursive: true });
  if (!existsSync(target) || readFileSync(target, 'utf8') !== svg) writeFileSync(target, svg);
  const alt =
    svg.match(/aria-label="([^"]*)"/)?.[1] ??
    svg.match(/<title>([^<]*)/)?.[1] ??
    (name ?? '').replaceAll('-', ' ');
  return `\n![${alt}](/${file})\n`;
}

/** What the page of a file or folder is called: not .md at its end, which VitePress would cut off. */
export const pageName = (path) => path.replace(/\.md$/, '-md');

/** Where it is. Its name ends in .html there, so that no page is taken for a program. */
export const sourcePage = (path) => `/source/${pageName(path)}.html`;

/** The file of the repository that a link of a page leads to, or null where it leads to another page or elsewhere. */
export function linkedFile(page, href) {
  if (/^([a-z]+:|#|\/)/i.test(href)) return null;
  const path = posix.join('docs', posix.dirname(page), href.split('#')[0]).replace(/\/$/, '');
  if (path.startsWith('docs/') && path.endsWith('.md')) return null;
  return path;
}

/** A markdown-it plugin: links to files of the repository lead to their pages. */
export function sourceLinks(md) {
  const before =
    md.renderer.rules.link_open ?? ((tokens, i, options, _, self) => self.renderToken(tokens, i, options));
  md.renderer.rules.link_open = (tokens, i, options, env, self) => {
    const href = tokens[i].attrGet('href');
    const page = env.relativePath;
    const file = href && page && !page.startsWith('source/') ? linkedFile(page, href) : null;
    if (file) {
      if (!existsSync(root + file)) throw new Error(`${page}: the link ${href} leads to no file`);
      tokens[i].attrSet('href', sourcePage(file));
    }
    return before(tokens, i, options, env, self);
  };
}

/** The files and folders that pages show or link to, and what is in those folders. */
export function shownFiles() {
  const paths = new Set();
  for (const page of [...pageFiles(), ...apiFiles()]) {
    const text = readFileSync(book + page, 'utf8');
    for (const [, path] of text.matchAll(INCLUDE)) if (!path.startsWith('examples/')) paths.add(path);
    for (const [, href] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      const path = linkedFile(page, href);
      if (path && existsSync(root + path)) paths.add(path);
    }
  }
  for (const path of paths)
    if (isFolder(path)) for (const entry of entriesOf(path)) paths.add(`${path}/${entry}`);
  return [...paths].sort();
}

/** What of a folder belongs to the repository. */
export function entriesOf(folder) {
  const files = execFileSync('git', ['ls-files', '--', folder], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n');
  return [...new Set(files.map((file) => file.slice(folder.length + 1).split('/')[0]))].sort();
}

export const isFolder = (path) => statSync(root + path).isDirectory();

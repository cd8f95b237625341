// Checks the built site, dist/site: every link, anchor, image, script and style of it leads somewhere; no formula failed;
// no text says undefined or [object Object]; every chapter has an example, an exercise and a way to go on.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { parseHTML } from 'linkedom';
import { root } from './paths.mjs';

const site = `${root}dist/site`;
const base = process.env.HOPGRAD_BASE ?? '/';
/** The chapter that describes what others built, and asks the reader for nothing. */
const NO_EXERCISE = 'book/11-';
/** Where a page's own text stands. */
const TEXT = '.vp-doc';
/** What looks wrong in a sentence, unless something "is undefined". */
const WRONG = /\[object \w+\]|(?<!\b(?:is|are|be|stays|left|as|not|an|or) )\bundefined\b(?! (?:there|at)\b)/;

const began = performance.now();
const errors = [];
const warnings = [];
const pages = readdirSync(site, { recursive: true })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.html') && !/^(404|hopgrad\/|programs\/)/.test(name))
  .sort();
/** What stands in each page: asked for again and again. */
const htmlOf = new Map(pages.map((page) => [page, readFileSync(`${site}/${page}`, 'utf8')]));
const idsOf = new Map();

for (const [page, html] of htmlOf) {
  links(page, html);
  // A file of the repository says what it says.
  if (!page.startsWith('source/')) words(page, html);
}
styles();

for (const warning of warnings) console.warn(`warning: ${warning}`);
for (const error of errors) console.error(`error: ${error}`);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(
  `checked ${pages.length} pages in ${seconds} s: ${errors.length} errors, ${warnings.length} warnings`,
);
if (errors.length > 0) process.exitCode = 1;

/** Every address in a page. */
function links(page, html) {
  const wanted = new Set();
  for (const [, , address] of html.matchAll(/\s(href|src|poster|data)="([^"]*)"/g)) wanted.add(address);
  for (const [, list] of html.matchAll(/\ssrcset="([^"]*)"/g))
    for (const one of list.split(',')) wanted.add(one.trim().split(' ')[0]);
  for (const address of wanted) {
    const problem = leadsNowhere(page, decoded(address));
    if (problem) errors.push(`${page}: ${address} ${problem}`);
  }
}

/** Why an address in a page leads nowhere; null where it leads somewhere, or out of the site. */
function leadsNowhere(page, address) {
  if (/^([a-z][a-z+.-]*:|\/\/)/i.test(address)) return null;
  const [path, anchor] = address.split('#');
  let target = page;
  if (path.startsWith('/')) {
    if (!path.startsWith(base)) return `is outside of ${base}`;
    target = path.slice(base.length);
  } else if (path) target = posix.join(posix.dirname(page), path);
  const file = fileOf(target.split('?')[0]);
  if (file === null) return 'leads to no file';
  if (!anchor || !file.endsWith('.html')) return null;
  return idsIn(file).has(anchor) ? null : `leads to no #${anchor} in ${file}`;
}

/** The file that is served for a path of the site. */
function fileOf(path) {
  const choices =
    path === '' || path.endsWith('/') ? [`${path}index.html`] : [path, `${path}.html`, `${path}/index.html`];
  return (
    choices.find((name) => existsSync(`${site}/${name}`) && statSync(`${site}/${name}`).isFile()) ?? null
  );
}

function idsIn(page) {
  if (!idsOf.has(page)) {
    const html = htmlOf.get(page) ?? readFileSync(`${site}/${page}`, 'utf8');
    idsOf.set(page, new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => decoded(id))));
  }
  return idsOf.get(page);
}

function decoded(text) {
  const plain = text.replace(
    /&(amp|quot|lt|gt|#39);/g,
    (_, name) => ({ amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'" })[name],
  );
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/** Formulas and sentences of a page, and what a chapter has to have. */
function words(page, html) {
  if (/<(?:mjx-)?merror|data-mjx-error/.test(html)) {
    const [, why = ''] = html.match(/data-mjx-error="([^"]*)"/) ?? [];
    errors.push(`${page}: a formula failed: ${why}`);
  }
  const { document } = parseHTML(html);
  const text = document.querySelector(TEXT);
  if (!text) return;
  for (const image of text.querySelectorAll('img')) {
    if (!image.getAttribute('alt'))
      warnings.push(`${page}: ${image.getAttribute('src')} has no words for those who do not see it`);
  }
  if (page.startsWith('book/')) chapter(page, text);
  for (const code of text.querySelectorAll('pre, code, script, style, mjx-container, svg')) code.remove();
  for (const part of text.querySelectorAll('p, li, td, th, h1, h2, h3, h4, figcaption, button')) {
    if (WRONG.test(part.textContent)) errors.push(`${page}: "${part.textContent.trim().slice(0, 100)}"`);
  }
}

function chapter(page, text) {
  const lacks = [];
  if (!text.querySelector('.run-here')) lacks.push('no example that runs');
  const quotes = [...text.querySelectorAll('blockquote')].map((quote) => quote.textContent.trim());
  if (!page.includes(NO_EXERCISE) && !quotes.some((quote) => /^Exercise \d+\./.test(quote)))
    lacks.push('no exercise');
  const [, rest] = text.innerHTML.match(/.*\bread next\b(.*)$/is) ?? [];
  if (!rest?.includes('<a ')) lacks.push('nothing to read next');
  if (lacks.length > 0) errors.push(`${page}: ${lacks.join(', ')}`);
}

/** Fonts and images that style sheets ask for. */
function styles() {
  for (const name of readdirSync(site, { recursive: true })) {
    if (!name.endsWith('.css')) continue;
    const page = name.replaceAll('\\', '/');
    for (const [, address] of readFileSync(`${site}/${page}`, 'utf8').matchAll(
      /url\(["']?([^"')]+)["']?\)/g,
    )) {
      const problem = leadsNowhere(page, address);
      if (problem) errors.push(`${page}: ${address} ${problem}`);
    }
  }
}

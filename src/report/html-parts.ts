/** The parts that pages are put together from. */
import type { FigureDocument, FigureOptions } from './figures/figure.ts';
import { fixed, printable, visible } from './format.ts';
import { escapeHtml } from './html-page.ts';
import type { TokenUsage } from './types.ts';

const WIDE = 760;
const NARROW = 360;

/** `title`, `about` and `content` are HTML. */
export function section(title: string, about: string, content: string): string {
  return `<section><h2>${title}</h2><p class="soft">${about}</p>${content}</section>`;
}

/** Content, as HTML, that is shown on demand. */
export function details(content: string, summary: string = 'As a table'): string {
  return `<details><summary>${summary}</summary>${content}</details>`;
}

/** A table of texts. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  className: string = '',
): string {
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((row) => cells(row, 'td')).join('\n');
  return `<table class="${className}"><thead>${cells(head, 'th')}</thead><tbody>${body}</tbody></table>`;
}

/** A table for many columns, of which the first keeps its place when the others are moved. */
export function wideTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<div class="scroll">${table(head, rows, 'rows')}</div>`;
}

/** Characters or words, those that use most layers first. */
export function usageTable(usages: readonly TokenUsage[]): string {
  const rows = [...usages]
    .sort((a, b) => b.meanLayers - a.meanLayers)
    .map(({ token, meanLayers, count }) => [visible(token), fixed(meanLayers, 2), String(count)]);
  return table(['token', 'layers, mean', 'count'], rows, 'numbers');
}

/** Texts that the reader should see first. */
export function warnings(list: readonly string[]): string {
  if (list.length === 0) return '';
  const items = list.map((text) => `<li>${escapeHtml(printable(text))}</li>`).join('');
  return `<ul class="warnings" aria-label="Warnings">${items}</ul>`;
}

/** A figure drawn twice: for wide windows and for narrow ones. */
export function figure(
  document: FigureDocument,
  draw: (options: FigureOptions) => string,
  className: string = '',
): string {
  return (
    `<figure class="${className}"><div class="wide">${draw({ width: WIDE, document })}</div>` +
    `<div class="narrow">${draw({ width: NARROW, document })}</div></figure>`
  );
}

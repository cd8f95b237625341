import { createDocument } from '../report/document.ts';
import { skipMap } from '../report/figures/skip-map.ts';
import { wordUsage } from '../report/figures/word-usage.ts';
import { escapeHtml, htmlPage } from '../report/html-page.ts';
import type { SkipMap, TokenUsage } from '../report/types.ts';

/** The page that `inspect --html` writes: the layers that each token of a text used, and who used most and least. */
export function inspectionPage(title: string, map: SkipMap, usage: Record<string, TokenUsage[]>): string {
  const options = { width: 760, document: createDocument() };
  const layers = map.active.length;
  const section = (name: string, figure: string): string =>
    `<section><h2>${name}</h2><figure class="skip-map">${figure}</figure></section>`;
  const tables = Object.entries(usage).filter(([, usages]) => usages.length > 1);
  return htmlPage(
    title,
    [
      `<h1>${escapeHtml(title)}</h1>`,
      section('Which layers each token uses', skipMap(map, options)),
      ...tables.map(([name, usages]) =>
        section(`${name} by layers used`, wordUsage({ usages, layers }, options)),
      ),
    ].join('\n'),
  );
}

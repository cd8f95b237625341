/** The report of a reproduction, from what lies in its folder. Node only. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createDocument } from '../report/document.ts';
import { reproductionMarkdown } from '../report/reproduction/markdown.ts';
import { reproductionFigures, reproductionPage } from '../report/reproduction/page.ts';
import type { Reproduction } from '../report/reproduction/types.ts';
import { writeFileAtomically } from '../train/write-file.ts';
import { askedCommand, askedFor, readAsked } from './asked.ts';
import { resultsIn } from './cell-files.ts';
import { summarize } from './summary.ts';
import { readTimings } from './timing.ts';

/** Of a figure that stands by itself, in pixels. */
const WIDTH = 760;

/**
 * What the results in a folder come to.
 *
 * @param expected names of all cells of the grid, to say which are missing
 * @throws Error where there is none, or a file is damaged
 */
export function readReproduction(folder: string, expected: readonly string[] = []): Reproduction {
  const cells = resultsIn(folder);
  if (cells.length === 0)
    throw new Error(`${folder} holds no results yet; make them with: hopgrad reproduce`);
  const command = askedCommand(readAsked(folder) ?? askedFor());
  return summarize(cells, readTimings(folder), expected, command);
}

/**
 * Draws the results in a folder, as many as there are: report.html, table.md, figures/*.svg.
 *
 * @param expected names of all cells of the grid, to say which are missing
 * @returns the paths of what it wrote
 * @throws Error where there are no results, or a file is damaged
 */
export function writeReproductionReport(folder: string, expected: readonly string[] = []): string[] {
  const reproduction = readReproduction(folder, expected);
  const document = createDocument();
  mkdirSync(join(folder, 'figures'), { recursive: true });
  const texts: Record<string, string> = {
    'report.html': reproductionPage(reproduction, document),
    'table.md': reproductionMarkdown(reproduction),
  };
  for (const [name, draw] of Object.entries(reproductionFigures(reproduction))) {
    if (draw !== null) texts[join('figures', `${name}.svg`)] = `${draw({ width: WIDTH, document })}\n`;
  }
  return Object.entries(texts).map(([name, text]) => {
    const file = join(folder, name);
    writeFileAtomically(file, text);
    return file;
  });
}

import { readFileSync } from 'node:fs';
import { headline } from './comparison.mjs';

const BEGIN = '<!-- headline: npm run docs:pages writes this table -->';
const END = '<!-- end -->';

/** README.md with the table of the comparison as it is now; the rest of it is written by hand. */
export function readmePage(comparison) {
  const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no '${BEGIN}' … '${END}'`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${headline(comparison).join('\n')}\n\n${text.slice(end)}`;
}

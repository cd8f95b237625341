import { printable } from './format.ts';

/** Terminal columns a text takes: none for a combining mark, two for a wide character. */
export function columns(text: string): number {
  let total = 0;
  for (const character of text) {
    if (/^[\p{M}\u200b-\u200d]$/u.test(character)) continue;
    total +=
      /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]$|^\p{Emoji_Presentation}$/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return total;
}

/** Pads on the right, or on the left for numbers, to a width in terminal columns. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'right'): string {
  const space = ' '.repeat(Math.max(0, width - columns(text)));
  return side === 'left' ? space + text : text + space;
}

export const bold = (text: string, colour: boolean): string => (colour ? `\x1b[1m${text}\x1b[22m` : text);
export const dim = (text: string, colour: boolean): string => (colour ? `\x1b[2m${text}\x1b[22m` : text);
export const yellow = (text: string, colour: boolean): string => (colour ? `\x1b[33m${text}\x1b[39m` : text);

/** Columns two spaces apart under a dim head, first cells bold; numbers, that is all columns but those named, at the right. */
export function alignedTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { left, colour }: { left: readonly string[]; colour: boolean },
): string {
  const widths = head.map((name, i) => Math.max(columns(name), ...rows.map((row) => columns(row[i]))));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => pad(cell, widths[i], left.includes(head[i]) ? 'right' : 'left'))
      .join('  ')
      .trimEnd();
  return [
    dim(line(head), colour),
    ...rows.map((row) => line(row).replace(row[0], bold(row[0], colour))),
  ].join('\n');
}

/** Colours of the 256-colour palette from dark through red and orange to yellow, each with a text colour that is legible on it. */
const RAMP: readonly { background: number; text: number }[] = [
  { background: 236, text: 252 },
  { background: 52, text: 255 },
  { background: 88, text: 255 },
  { background: 130, text: 255 },
  { background: 166, text: 16 },
  { background: 208, text: 16 },
  { background: 214, text: 16 },
  { background: 220, text: 16 },
];

/** Paints text by a share from 0 (dark) to 1 (bright), background and letters both, so any terminal theme will do. */
export function paint(text: string, share: number): string {
  const { background, text: letters } = RAMP[Math.round(share * (RAMP.length - 1))];
  return `\x1b[48;5;${background};38;5;${letters}m${text}\x1b[0m`;
}

/**
 * Cuts tokens into lines of at most `width` columns (a wider token gets its own line): [start, end) for each line.
 * With `asText`, a line also ends after a line end in the text, and rather between words than inside one.
 */
export function wrapTokens(tokens: readonly string[], width: number, asText: boolean): [number, number][] {
  const lines: [number, number][] = [];
  const betweenWords = (i: number): boolean => /\s$/.test(tokens[i - 1]) || /^\s\S/.test(tokens[i]);
  for (let start = 0, end = 0; start < tokens.length; start = end) {
    let lineEnds = false;
    for (let used = 0; end < tokens.length && !lineEnds; end++) {
      used += columns(printable(tokens[end]));
      if (used > width && end > start) break;
      lineEnds = asText && tokens[end].includes('\n');
    }
    if (asText && !lineEnds && end < tokens.length) {
      let space = end;
      while (space > start && !betweenWords(space)) space--;
      if (space > start) end = space;
    }
    lines.push([start, end]);
  }
  return lines;
}

import * as Plot from '@observablehq/plot';

/** The few things that drawing itself asks of an element; a browser's elements and linkedom's both have them. */
interface FigureElement {
  textContent: string | null;
  setAttribute(name: string, value: string): void;
  append(...children: unknown[]): void;
}

/** A document to draw with: the browser's own, or in Node the one `createDocument` makes. */
export interface FigureDocument {
  createElementNS(namespace: string, name: string): FigureElement;
}

export interface FigureOptions {
  /** Width of the drawing in pixels; it shrinks, but does not grow, with the element it is put in. */
  width: number;
  document: FigureDocument;
}

/** Mid-tones that stand out on white and on near-black paper alike; lines of text use the reader's text colour. */
export const COLOURS = { orange: '#e08a1e', red: '#e0641e', blue: '#3b82c4', reference: '#8a8f98' } as const;

/** One entry of a legend: a sign in the colour of what it stands for, then its name. */
export interface LegendItem {
  sign: string;
  colour: string;
  label?: string;
}

const SVG = 'http://www.w3.org/2000/svg';
/** Of a legend, in pixels. */
const LINE_HEIGHT = 17;

/** Draws a plot and returns it as one standalone `<svg>`, named for screen readers by `label`. */
export function drawFigure(
  options: FigureOptions,
  label: string,
  legend: readonly LegendItem[],
  plot: Plot.PlotOptions,
): string {
  const lines = legendLines(legend, options.width);
  const more = LINE_HEIGHT * (lines.length - 1);
  const svg = Plot.plot({
    marginLeft: 46,
    marginBottom: 38,
    ...plot,
    marginTop: (plot.marginTop ?? 34) + more,
    height: (plot.height ?? 280) + more,
    document: options.document as Plot.PlotOptions['document'],
    width: options.width,
    color: { type: 'identity' },
    className: 'hopgrad-figure',
    style: { fontSize: '12px', overflow: 'visible' },
    ariaLabel: label,
  });
  svg.setAttribute('xmlns', SVG);
  svg.setAttribute('role', 'img');
  svg.append(...lines.map((items, i) => legendLine(items, 12 + LINE_HEIGHT * i, options.document)));
  return svg.outerHTML;
}

/** A legend in as many lines as the width asks for, by what letters of 12 pixels usually take. */
function legendLines(items: readonly LegendItem[], width: number): LegendItem[][] {
  const lines: LegendItem[][] = [[]];
  let used = 0;
  for (let start = 0, end = 0; start < items.length; start = end) {
    do end++;
    while (end < items.length && items[end - 1].label === undefined);
    const together = items.slice(start, end);
    const label = together[together.length - 1].label ?? '';
    const room = 10 * Math.min(6, together.length) + 8 * (together[0].sign.length - 1) + 7 * label.length + 5;
    if (used > 0 && used + room > width) {
      lines.push([]);
      used = 0;
    }
    lines[lines.length - 1].push(...together);
    used += room + 13;
  }
  return lines;
}

/**
 * A line of text at the left. Its parts follow one another, so no font needs to be measured. Of items that share
 * a name (those without a label, and the next that has one), six at most are shown.
 */
function legendLine(items: readonly LegendItem[], y: number, document: FigureDocument): FigureElement {
  const create = (name: string, text: string, attributes: Record<string, string | number>): FigureElement => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.textContent = text;
    return element;
  };
  const line = create('text', '', { x: 2, y, 'text-anchor': 'start' });
  const unnamed = items.filter(({ label }) => label === undefined).length;
  const stride = Math.ceil(unnamed / 5);
  items.forEach(({ sign, colour, label }, i) => {
    if (label === undefined && i % stride !== 0) return;
    line.append(create('tspan', sign, { fill: colour, 'font-weight': 'bold' }));
    if (label !== undefined) line.append(create('tspan', `${label}    `, { dx: 5 }));
  });
  return line;
}

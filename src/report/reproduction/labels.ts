import * as Plot from '@observablehq/plot';

/** A point of a figure, and what to write beside it; an empty label is no label, but others keep clear of the point. */
export interface LabelledPoint {
  x: number;
  y: number;
  label: string;
  /** In pixels. */
  radius: number;
  /** Ends of the bar through the point, upwards and downwards along y. */
  bar?: [number, number];
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const SIZE = 11;

/** What y shows, at the left above the drawing: below the legend, which Plot's own label would run into. */
export function titleOfY(title: string): Plot.Markish {
  return Plot.text([title], { frameAnchor: 'top-left', textAnchor: 'start', dx: -42, dy: -22 });
}

/** Ticks of a logarithmic axis: 1, 2 and 5 (with `fine` 1, 1.5, 2, 3, 4, 5, 7) of every power of ten that the values span. */
export function logTicks(values: readonly number[], fine: boolean): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const steps = fine ? [1, 1.5, 2, 3, 4, 5, 7] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++) {
    for (const step of steps) ticks.push(+(step * 10 ** power).toPrecision(2));
  }
  return ticks.filter((tick) => tick >= least && tick <= most);
}

/**
 * Labels beside their points, the first points first: above, right, left or below, where there is room between the other
 * points and the labels that are there already. A label that has no room is left out.
 */
export function labels(points: readonly LabelledPoint[]): Plot.Markish {
  const place: Plot.InitializerFunction = (data: LabelledPoint[], facets, _, scales, frame) => {
    const marks = data.map(({ x, y, radius, bar = [y, y] }) => {
      const [across, ...down] = [
        scales.x!(x),
        scales.y!(y) - radius,
        scales.y!(y) + radius,
        ...bar.map(scales.y!),
      ];
      return {
        left: across - radius,
        right: across + radius,
        top: Math.min(...down),
        bottom: Math.max(...down),
      };
    });
    const taken = [...marks];
    const inside = ({ left, right, top, bottom }: Box): boolean =>
      left >= frame.marginLeft &&
      right <= frame.width &&
      top >= frame.marginTop - 1.5 * SIZE &&
      bottom <= frame.height - frame.marginBottom;
    const placed = new Map<number, Box>();
    for (const [i, { label }] of data.entries()) {
      if (label === '') continue;
      const free = (box: Box): boolean => taken.every((other, j) => j === i || !overlap(box, other));
      const box = candidates(marks[i], label).find((one) => inside(one) && free(one));
      if (!box) continue;
      taken.push(box);
      placed.set(i, box);
    }
    const middle = (from: 'left' | 'top', to: 'right' | 'bottom') =>
      data.map((_, i) => (placed.has(i) ? (placed.get(i)![from] + placed.get(i)![to]) / 2 : Number.NaN));
    return {
      data,
      facets: facets.map((facet) => facet.filter((i) => placed.has(i))),
      channels: { x: { value: middle('left', 'right') }, y: { value: middle('top', 'bottom') } },
    };
  };
  return Plot.text(points, Plot.initializer({ x: 'x', y: 'y', text: 'label', fontSize: SIZE }, place));
}

/** Above, right, left and below a mark, then towards its corners. */
function candidates(mark: Box, label: string): Box[] {
  const [w, h] = [0.32 * SIZE * [...label].length, 0.55 * SIZE];
  const [x, y] = [(mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2];
  const [above, below] = [mark.top - h - 2, mark.bottom + h + 2];
  const [right, left] = [mark.right + w + 3, mark.left - w - 3];
  const places = [
    [x, above],
    [right, y],
    [left, y],
    [x, below],
    ...[above, below].flatMap((down) => [
      [right, down],
      [left, down],
    ]),
  ];
  return places.map(([across, down]) => around(across, down, w, h));
}

function around(x: number, y: number, w: number, h: number): Box {
  return { left: x - w, right: x + w, top: y - h, bottom: y + h };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

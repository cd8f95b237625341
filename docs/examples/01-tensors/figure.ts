import { type Tensor, tensor } from 'hopgrad';

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

/** A square for every element, in the colour of the place in memory that it is read from. */
function grid(view: Tensor, name: string, left: number, top: number): string {
  const [rows, columns] = view.shape;
  const [down, right] = view.strides;
  const parts = [`<text x="${left}" y="${top - 24}" font-weight="bold">${name}</text>`];
  parts.push(
    `<text x="${left}" y="${top - 8}">strides (${view.strides.join(', ')}), offset ${view.offset}</text>`,
  );
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      parts.push(cell(view.offset + i * down + j * right, left + j * SIDE, top + i * SIDE));
    }
  }
  return parts.join('');
}

function cell(place: number, left: number, top: number): string {
  const colour = `hsl(${place * 55} 70% 82%)`;
  return (
    `<rect x="${left}" y="${top}" width="${SIDE}" height="${SIDE}" fill="${colour}" stroke="#333"/>` +
    `<text x="${left + SIDE / 2}" y="${top + SIDE / 2 + 5}" text-anchor="middle">${memory[place]}</text>`
  );
}

const SIDE = 34;
const memory = x.toTypedArray();

const places: [left: number, top: number][] = [
  [10, 130],
  [250, 130],
  [10, 300],
  [250, 300],
];

function draw(views: Record<string, Tensor>): string {
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="430" viewBox="0 0 480 430" font-family="sans-serif" font-size="14"',
    ' aria-label="Six cells of memory, and four views that read them: as two rows of three, transposed, the last two columns, the first row three times">',
    '<text x="10" y="20" font-weight="bold">memory</text>',
    ...Array.from(memory, (_, place) => cell(place, 10 + place * SIDE, 30)),
    ...Object.entries(views).map(([name, view], i) => grid(view, name, ...places[i])),
    '</svg>',
  ].join('');
}

// #region figure
const views = {
  x,
  'x.transpose()': x.transpose(),
  'x.slice(1, 1, 3)': x.slice(1, 1, 3),
  'x.slice(0, 0, 1).expand([3, 3])': x.slice(0, 0, 1).expand([3, 3]),
};
console.log(draw(views));
// #endregion

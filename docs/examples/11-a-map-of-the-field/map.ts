// #region places
const columns = ['set before use', 'by position', 'per text', 'per token'];
const rows = [
  'any layers, in order',
  'a prefix of the layers',
  'one block, repeated',
  'a choice of branches',
  'all layers, cheaper',
];
const systems: [name: string, column: number, row: number][] = [
  ['SkipLayer', 3, 0],
  ['Mixture-of-Depths', 3, 0],
  ['FlexiDepth', 3, 0],
  ['SkipNet', 2, 0],
  ['D3', 1, 0],
  ['CALM, EE-LLM', 3, 1],
  ['Depth-adaptive', 3, 1],
  ['AdaInfer', 2, 1],
  ['LayerSkip', 0, 1],
  ['ACT, Universal Transformer', 3, 2],
  ['Mixture-of-Recursions', 3, 2],
  ['Relaxed Recursive', 0, 2],
  ['Mixture-of-Modules', 3, 3],
  ['CoLT5', 3, 3],
  ['Highway (soft)', 3, 3],
  ['KVTuner', 0, 4],
];
// #endregion

// #region map
console.log(draw());
// #endregion

function draw(): string {
  const [left, top, wide, high] = [150, 34, 118, 66];
  const width = left + wide * 3 + 190;
  const height = top + high * rows.length + 8;
  const widths = [wide, wide, wide, 182];
  const x = (column: number) => left + wide * column;
  const cells = rows.flatMap((_, row) =>
    columns.map((_, column) => {
      const here = systems.filter(([, c, r]) => c === column && r === row);
      const box = `<rect x="${x(column) + 2}" y="${top + high * row + 2}" width="${widths[column] - 4}" height="${high - 4}" rx="6" fill="${here.length > 0 ? '#eaf4ef' : '#f7f7f7'}"/>`;
      const names = here.map(([name], i) => {
        const y = top + high * row + high / 2 + 4 + 18 * (i - (here.length - 1) / 2);
        const colour = name === 'SkipLayer' ? '#c2410c' : '#1b3d2f';
        return `<text x="${x(column) + widths[column] / 2}" y="${y}" text-anchor="middle" fill="${colour}">${name}</text>`;
      });
      return box + names.join('');
    }),
  );
  const heads = columns.map(
    (name, column) =>
      `<text x="${x(column) + widths[column] / 2}" y="22" text-anchor="middle" font-weight="bold">${name}</text>`,
  );
  const sides = rows.map(
    (name, row) =>
      `<text x="${left - 10}" y="${top + high * (row + 0.5) + 4}" text-anchor="end" font-weight="bold">${name}</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" ` +
    `aria-label="A map of sixteen systems: across, when the depth is decided, from before use to per token; down, what can be chosen, from any layers to a cheaper cache.">` +
    `<rect width="${width}" height="${height}" fill="#fff"/>${heads.join('')}${sides.join('')}${cells.join('')}</svg>`
  );
}

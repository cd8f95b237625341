import { CharacterTokenizer, defaultModel, defaultTraining, Random, TextDataset, Trainer } from 'hopgrad';

const random = new Random(1);
const word = () => Array.from({ length: 3 }, () => 'BDFKMRTW'[random.int(8)]).join('');
const lines = Array.from({ length: 3000 }, word).map((letters) => `${letters}=${letters}\n`);
const text = lines.join('');
const tokenizer = CharacterTokenizer.fromText(text);
const dataset = new TextDataset(tokenizer.encode(text));

// #region two-runs
function densities(lambda: number): number[][] {
  const trainer = new Trainer(
    {
      model: { ...defaultModel, vocabularySize: 11, context: 32, dim: 32, heads: 2, layers: 4, density: 0.5 },
      training: { ...defaultTraining, steps: 600, batchSize: 8, warmup: 20, lambda },
      data: null,
      tokenizer: 'character',
      device: 'cpu',
    },
    dataset,
  );
  const rows: number[][] = [];
  while (trainer.step < 240) rows.push(trainer.trainStep().densityPerLayer);
  return rows;
}
const held = densities(1);
const left = densities(0);

const last = (rows: number[][]) =>
  [0, 1, 2, 3].map((layer) => {
    const end = rows.slice(-20).map((row) => row[layer]);
    return (end.reduce((a, b) => a + b) / 20).toFixed(2);
  });
console.log('λ = 1', last(held).join('  '));
console.log('λ = 0', last(left).join('  '));
// #endregion

// #region figure
console.log(draw());
// #endregion

function draw(): string {
  const colours = ['#3b82c4', '#7a5cc9', '#c2408f', '#e08a1e'];
  const panel = (x: number, title: string, rows: number[][]) => {
    const curves = colours.map((colour, layer) => {
      const smooth = rows.map((_, i) => {
        const near = rows.slice(Math.max(0, i - 4), i + 5).map((row) => row[layer]);
        return near.reduce((a, b) => a + b) / near.length;
      });
      const points = smooth.map(
        (r, i) => `${(40 + (250 * i) / 239).toFixed(1)},${(190 - 160 * r).toFixed(1)}`,
      );
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
    });
    return (
      `<g transform="translate(${x} 0)"><text x="40" y="18">${title}</text><path d="M40 30V190H290" fill="none" stroke="#999"/>` +
      `<path d="M40 110H290" stroke="#999" stroke-dasharray="4 4"/><text x="34" y="36" text-anchor="end">1</text>` +
      `<text x="34" y="114" text-anchor="end">½</text><text x="34" y="194" text-anchor="end">0</text>` +
      `<text x="40" y="208">0</text><text x="290" y="208" text-anchor="end">step 240</text>${curves.join('')}</g>`
    );
  };
  const legend = colours.map(
    (colour, layer) => `<text x="${40 + 70 * layer}" y="230" fill="${colour}">layer ${layer + 1}</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 240" width="620" height="240" font-family="sans-serif" font-size="12" ` +
    `aria-label="Density of four layers over 240 steps. With the density loss all stay near a half; without it two fall to 0 and one rises to 1.">` +
    `<rect width="620" height="240" fill="#fff"/>${panel(0, 'λ = 1: the share of tokens that run', held)}${panel(310, 'λ = 0: no density loss', left)}${legend.join('')}</svg>`
  );
}

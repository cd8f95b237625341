import {
  CharacterTokenizer,
  defaultModel,
  defaultTraining,
  Random,
  type RouterName,
  type SkipMap,
  skipMapOf,
  TextDataset,
  Trainer,
  tokenUsage,
  useDevice,
} from 'hopgrad';

// #region text
const random = new Random(7).fork('text');
const pick = (words: string) => {
  const list = words.split(' ');
  return list[random.int(list.length)];
};
const some = (many: boolean) => {
  const noun = pick('whale ship sailor captain gull boat');
  return many ? `two ${noun}s` : `a ${noun}`;
};
const sentence = () => {
  const many = random.uniform() < 0.5;
  const verb = pick('see chase follow fear') + (many ? '' : 's');
  return `${some(many)} ${verb} ${some(random.uniform() < 0.5)}. `;
};
const text = Array.from({ length: 2000 }, sentence).join('');
console.log(text.slice(0, 64));
// #endregion

await useDevice('cpu', { threads: 1 }); // a model this small gains nothing from more

// #region train
const tokenizer = CharacterTokenizer.fromText(text);
const dataset = new TextDataset(tokenizer.encode(text));
const { vocabularySize } = tokenizer;
const shape = { ...defaultModel, vocabularySize, context: 64, layers: 4, dim: 32 };
const training = { ...defaultTraining, steps: 200, batchSize: 8 };
const rest = { data: null, tokenizer: 'character', device: 'cpu' };

function train(router: RouterName): Trainer {
  const model = { ...shape, router, density: 0.25, seed: 0 };
  const trainer = new Trainer({ model, training, ...rest }, dataset);
  while (!trainer.done) {
    const { step, trainLoss, densitySampled } = trainer.trainStep();
    if (step % 100 !== 0) continue;
    report(`${router}, step ${step}`, trainLoss, densitySampled);
  }
  const { loss, density } = trainer.evaluate(4);
  report(`${router}, held out`, loss, density);
  return trainer;
}

const { model } = train('learned');
// #endregion

// #region controls
train('random');
train('sigmoid');
// #endregion

function report(what: string, loss: number, density: number): void {
  console.log(what.padEnd(18), 'loss', loss.toFixed(2), 'density', density.toFixed(2));
}

// #region map
const words = 'two whales follow a ship. a sailor fears two gulls. ';
const map = skipMapOf(model, tokenizer, tokenizer.encode(words));
console.log(drawing(map));
// #endregion

// #region usage
const held = skipMapOf(model, tokenizer, dataset.validation.slice(0, 4096));
const usage = tokenUsage(held).sort((a, b) => a.meanLayers - b.meanLayers);
const row = usage.map(({ token, meanLayers }) => {
  const sign = token === ' ' ? '␣' : token;
  return `${sign} ${meanLayers.toFixed(1)}`;
});
console.log(row.slice(0, 9).join('   '));
console.log(row.slice(9).join('   '));
// #endregion

/** The text in lines; above each character the layers, the first at the bottom, filled where it ran. */
function drawing({ tokens, active }: SkipMap): string {
  const perLine = 26;
  const [cell, line] = [18, 18 * active.length + 34];
  const lines = Math.ceil(tokens.length / perLine);
  const parts = tokens.flatMap((token, t) => {
    const x = (t % perLine) * cell;
    const bottom = Math.floor(t / perLine) * line + cell * active.length;
    const letter = `<text x="${x + 9}" y="${bottom + 16}" text-anchor="middle">${token === ' ' ? '␣' : token}</text>`;
    const boxes = active.map(
      (ran, layer) =>
        `<rect x="${x + 1}" y="${bottom - cell * (layer + 1)}" width="16" height="16" fill="${ran[t] ? '#e08a1e' : '#eee'}"/>`,
    );
    return [letter, ...boxes];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${perLine * cell} ${lines * line}" width="${perLine * cell}" font-family="monospace" font-size="14" aria-label="Which of ${active.length} layers ran for each character of: ${tokens.join('')}">
${parts.join('\n')}
</svg>`;
}

import {
  CharacterTokenizer,
  defaultModel,
  defaultTraining,
  Random,
  type StepMetrics,
  TextDataset,
  Trainer,
} from 'hopgrad';

const random = new Random(1);
const word = () => Array.from({ length: 3 }, () => 'BDFKMRTW'[random.int(8)]).join('');
const lines = Array.from({ length: 3000 }, word).map((letters) => `${letters}=${letters}\n`);
const text = lines.join('');
const tokenizer = CharacterTokenizer.fromText(text);
const dataset = new TextDataset(tokenizer.encode(text));

// #region train
const model = { ...defaultModel, vocabularySize: 11, context: 32, dim: 32, heads: 2, layers: 2 };
const training = { ...defaultTraining, steps: 400, batchSize: 8, learningRate: 5e-3, warmup: 20 };
const trainer = new Trainer(
  {
    model: { ...model, router: 'none' },
    training: { ...training, evaluateEvery: 20, evaluateBatches: 2 },
    data: null,
    tokenizer: 'character',
    device: 'cpu',
  },
  dataset,
);
const rows: StepMetrics[] = [];
while (!trainer.done) rows.push(trainer.trainStep());

for (const step of [1, 20, 80, 160, 240, 400]) {
  const { trainLoss, gradNorm } = rows[step - 1];
  console.log(`step ${step}: loss ${trainLoss.toFixed(2)}, gradient ${gradNorm.toFixed(2)}`);
}
// #endregion

// #region figure
console.log(draw());
// #endregion

function draw(): string {
  const [left, top, width, height] = [40, 14, 430, 220];
  const x = (step: number) => (left + (width * step) / 400).toFixed(1);
  const y = (loss: number) => (top + (height * (3 - loss)) / 2.5).toFixed(1);
  const levels = [
    [2.4, 'any of 11 characters'],
    [2.21, 'pairs counted'],
    [1.56, 'the form is known'],
    [0.78, 'repetition is known'],
  ] as const;
  const rules = levels.map(
    ([loss, name]) =>
      `<path d="M${left} ${y(loss)}h${width}" stroke="#999" stroke-dasharray="4 4"/><text x="${left + width + 6}" y="${+y(loss) + 4}">${name}</text>`,
  );
  const ticks = [0.5, 1, 1.5, 2, 2.5, 3].map(
    (loss) => `<text x="${left - 6}" y="${+y(loss) + 4}" text-anchor="end">${loss}</text>`,
  );
  const line = rows.map(({ step, trainLoss }) => `${x(step)},${y(trainLoss)}`).join(' ');
  const dots = rows.flatMap(({ step, valLoss }) =>
    valLoss === undefined ? [] : `<circle cx="${x(step)}" cy="${y(valLoss)}" r="3" fill="#e0641e"/>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 270" width="620" height="270" font-family="sans-serif" font-size="12" ` +
    `aria-label="Training loss falls in stairs: to the level of the form within the first hundred steps or so, a plateau, then to the level of repetition.">` +
    `<rect width="620" height="270" fill="#fff"/>${rules.join('')}${ticks.join('')}` +
    `<polyline points="${line}" fill="none" stroke="#3b82c4"/>${dots.join('')}` +
    `<text x="${left}" y="252">step 0</text><text x="${left + width}" y="252" text-anchor="end">400</text>` +
    `<text x="180" y="252" fill="#3b82c4">training batch</text><text x="290" y="252" fill="#e0641e">held out</text></svg>`
  );
}

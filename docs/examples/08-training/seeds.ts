import {
  CharacterTokenizer,
  defaultModel,
  defaultTraining,
  Random,
  type RouterName,
  TextDataset,
  Trainer,
} from 'hopgrad';

const random = new Random(1);
const word = () => Array.from({ length: 2 }, () => 'BDFKMRTW'[random.int(8)]).join('');
const lines = Array.from({ length: 3000 }, word).map((letters) => `${letters}=${letters}\n`);
const text = lines.join('');
const tokenizer = CharacterTokenizer.fromText(text);
const dataset = new TextDataset(tokenizer.encode(text));

// #region runs
/** Held-out loss after 200 steps of a model with two of its three layers routed. */
function heldOut(router: RouterName, seed: number): number {
  const shape = { vocabularySize: 11, context: 24, dim: 32, heads: 2, layers: 3, density: [1, 0.5, 0.5] };
  const trainer = new Trainer(
    {
      model: { ...defaultModel, ...shape, router, seed },
      training: { ...defaultTraining, steps: 200, batchSize: 4, learningRate: 5e-3, warmup: 20, seed },
      data: null,
      tokenizer: 'character',
      device: 'cpu',
    },
    dataset,
  );
  while (!trainer.done) trainer.trainStep();
  return trainer.evaluate().loss;
}

const seeds = [0, 1, 2];
const learned = seeds.map((seed) => heldOut('learned', seed));
const chance = seeds.map((seed) => heldOut('random', seed));
const rounded = (losses: number[]) => losses.map((loss) => loss.toFixed(3)).join(', ');
console.log('learned', rounded(learned));
console.log('random ', rounded(chance));
// #endregion

// #region interval
const gaps = seeds.map((seed) => chance[seed] - learned[seed]);
const mean = gaps.reduce((sum, gap) => sum + gap) / gaps.length;
const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1);
const half = 4.303 * Math.sqrt(variance / gaps.length); // Student's t with 3 − 1 = 2 degrees of freedom
console.log(`learned is better by ${mean.toFixed(2)} ± ${half.toFixed(2)} nats`);
// #endregion

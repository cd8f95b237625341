import {
  CharacterTokenizer,
  defaultModel,
  defaultTraining,
  Random,
  runTask,
  TextDataset,
  Trainer,
} from 'hopgrad';

// #region by-hand
const choices = { yes: [-0.9], 'not at all': [-1.2, -0.5, -0.4, -0.3, -0.3, -0.2, -0.4, -0.3, -0.2, -0.2] };
for (const [choice, logs] of Object.entries(choices)) {
  const sum = logs.reduce((a, b) => a + b);
  console.log(choice.padEnd(10), 'sum', sum.toFixed(2), 'per token', (sum / logs.length).toFixed(2));
}
// #endregion

// #region train
const random = new Random(1);
const word = () => Array.from({ length: 3 }, () => 'BDFKMRTW'[random.int(8)]).join('');
const lines = Array.from({ length: 3000 }, word).map((letters) => `${letters}= ${letters}\n\n`);
const tokenizer = CharacterTokenizer.fromText(lines.join(''));
const trainer = new Trainer(
  {
    model: { ...defaultModel, vocabularySize: 12, context: 32, dim: 32, heads: 2, layers: 2, router: 'none' },
    training: { ...defaultTraining, steps: 350, batchSize: 8, learningRate: 5e-3, warmup: 20 },
    data: null,
    tokenizer: 'character',
    device: 'cpu',
  },
  new TextDataset(tokenizer.encode(lines.join(''))),
);
while (!trainer.done) trainer.trainStep();
console.log('held-out loss', trainer.evaluate().loss.toFixed(2));
// #endregion

// #region questions
const asked = Array.from({ length: 60 }, word);
const backwards = (letters: string) => [...letters].reverse().join('');
const rotated = (letters: string) => letters.slice(1) + letters[0];
const choose = {
  task: 'choose',
  version: 1,
  training: null, // demonstrations come from the other questions
  questions: asked
    .filter((letters) => new Set(letters).size === 3)
    .map((letters) => ({
      contexts: [`${letters}=`, `${letters}=`, `${letters}=`],
      continuations: [backwards(letters), letters, rotated(letters)].map((choice) => ` ${choice}`),
      gold: [1],
    })),
};
const write = {
  task: 'write',
  version: 1,
  training: null,
  questions: asked.map((letters) => ({ context: `${letters}=`, answers: [letters] })),
};
for (const task of [choose, write]) {
  const result = runTask(trainer.model, tokenizer, task, { seed: 0 });
  const { metric, score, chance, questions, layersPerToken } = result;
  console.log(`${result.name}: ${metric} ${(100 * score).toFixed(0)} % of ${questions} questions,`);
  console.log(`  by guessing ${(100 * chance).toFixed(0)} %, ${layersPerToken} layers per token`);
}
// #endregion

// #region untrained
const fresh = new Trainer(
  {
    model: trainer.model.config,
    training: trainer.config,
    data: null,
    tokenizer: 'character',
    device: 'cpu',
  },
  trainer.dataset,
).model;
for (const task of [choose, write]) {
  const { metric, score } = runTask(fresh, tokenizer, task, { seed: 0 });
  console.log(`${task.task}: ${metric} ${(100 * score).toFixed(0)} %`);
}
// #endregion

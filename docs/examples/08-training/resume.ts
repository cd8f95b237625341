import { CharacterTokenizer, defaultModel, defaultTraining, equal, TextDataset, Trainer } from 'hopgrad';

const text = 'the sea was calm and the ship was slow '.repeat(60);
const tokenizer = CharacterTokenizer.fromText(text);
const dataset = new TextDataset(tokenizer.encode(text));
const config = {
  model: {
    ...defaultModel,
    vocabularySize: tokenizer.vocabularySize,
    context: 16,
    dim: 16,
    heads: 2,
    layers: 2,
  },
  training: { ...defaultTraining, steps: 20, batchSize: 4, warmup: 4, noiseStart: 1, noiseEnd: 1 },
  data: null,
  tokenizer: 'character',
  device: 'cpu',
};

// #region resume
const whole = new Trainer(config, dataset);
while (!whole.done) whole.trainStep();

const first = new Trainer(config, dataset);
while (first.step < 8) first.trainStep();
const saved = first.state(); // weights and moments, by name

const second = new Trainer(config, dataset);
second.restore(saved, 8);
while (!second.done) second.trainStep();

const same = [...whole.state()].every(([name, value]) => equal(value, second.state().get(name)!));
console.log(saved.size, 'tensors saved; the same bits at the end:', same);
console.log([...saved.keys()].filter((name) => name.includes('router.gate')).slice(0, 4));
// #endregion

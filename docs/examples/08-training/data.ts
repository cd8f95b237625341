import { bigramEntropy, CharacterTokenizer, Random, TextDataset } from 'hopgrad';

// #region text
const random = new Random(1);
const word = () => Array.from({ length: 3 }, () => 'BDFKMRTW'[random.int(8)]).join('');
const lines = Array.from({ length: 3000 }, word).map((letters) => `${letters}=${letters}\n`);
const text = lines.join('');
console.log(text.slice(0, 24));
// #endregion

// #region batch
const tokenizer = CharacterTokenizer.fromText(text);
const dataset = new TextDataset(tokenizer.encode(text)); // the last tenth is held out
const { inputs, targets, shape } = dataset.batch(0, { batchSize: 8, context: 32, seed: 0 });
console.log(tokenizer.vocabularySize, dataset.train.length, dataset.validation.length, shape);
console.log(JSON.stringify(tokenizer.decode(inputs.subarray(0, 12))));
console.log(JSON.stringify(tokenizer.decode(targets.subarray(0, 12))));
// #endregion

// #region levels
const nats = (value: number) => value.toFixed(2);
console.log('any of the vocabulary ', nats(Math.log(tokenizer.vocabularySize)));
console.log('pairs are counted     ', nats(bigramEntropy(dataset.train, dataset.validation, 11)));
console.log('the form is known     ', nats((6 / 8) * Math.log(8)));
console.log('and what is repeated  ', nats((3 / 8) * Math.log(8)));
// #endregion

import { CharacterTokenizer, fromTypedArray, tensor } from 'hopgrad';

// #region encode
const text = 'the cat sat';
const tokenizer = CharacterTokenizer.fromText(text);
const ids = tokenizer.encode(text);
console.log(ids.join(' '));
console.log(tokenizer.vocabularySize, tokenizer.decode(ids.slice(4, 7)));
// #endregion

// #region targets
const [inputs, targets] = [ids.slice(0, -1), ids.slice(1)];
for (const t of [0, 1, 5]) {
  const read = tokenizer.decode(inputs.slice(0, t + 1));
  console.log(`after "${read}" comes "${tokenizer.token(targets[t])}"`);
}
// #endregion

// #region lookup
const table = tensor(
  [
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7],
  ],
  { requiresGrad: true },
);
const three = fromTypedArray(Int32Array.of(2, 0, 2), [3]);
console.log(table.embedding(three));
console.log(three.oneHot(4).matmul(table).equal(table.embedding(three)));
// #endregion

// #region gradient
const weights = tensor([[1], [10], [100]]); // how much each of the three tokens matters to the loss
table.embedding(three).mul(weights).sum().backward();
console.log(table.grad);
// #endregion

// #region positions
const places = tensor([
  [0.1, 0],
  [0.2, 0],
  [0.3, 0],
]);
console.log(table.embedding(three).add(places));
// #endregion

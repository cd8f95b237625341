// The training step of ../yardstick.ts in @jax-js/jax: its WebAssembly backend, compiled by its `jit`. In Node it has
// one thread. Its embedding is a product with one-hot rows, some percent of extra work.
//   node gpt_jaxjs.mjs [batch,sequence,dim,heads,layers [steps]]
import { batch, dim, headDim, heads, layers, sequence, timeSteps, tokens, vocabulary } from './step.mjs';
import { causalMask, randomIds } from './text.mjs';

globalThis.navigator ??= {}; // it looks there for a GPU, and Node 20 has none
const jax = await import('@jax-js/jax');
const { numpy: np, nn, random, tree } = jax;
await jax.init('wasm');
jax.defaultDevice('wasm');

let seed = 0;
const normal = (...shape) => random.normal(random.key(seed++), shape).mul(0.02);
const linear = (inputs, outputs) => ({ weight: normal(inputs, outputs), bias: np.zeros([outputs]) });
const norm = () => ({ weight: np.ones([dim]), bias: np.zeros([dim]) });
const parameters = {
  tokens: normal(vocabulary, dim),
  positions: normal(sequence, dim),
  layers: Array.from({ length: layers }, () => ({
    normAttention: norm(),
    queryKeyValue: linear(dim, 3 * dim),
    output: linear(dim, dim),
    normFeedForward: norm(),
    up: linear(dim, 4 * dim),
    down: linear(4 * dim, dim),
  })),
  norm: norm(),
  head: normal(dim, vocabulary),
};

// Arrays count their uses: one is gone once it has been an argument, unless it was passed as `array.ref`.
const apply = (x, { weight, bias }) => np.matmul(x, weight).add(bias);
const normalise = (x, { weight, bias }) => nn.standardize(x, -1).mul(weight).add(bias);
const splitHeads = (x) => np.transpose(x.reshape([batch, sequence, heads, headDim]), [0, 2, 1, 3]);

function attention(x, layer, mask) {
  const [query, key, value] = np.split(apply(x, layer.queryKeyValue), 3, -1).map(splitHeads);
  const scores = np.matmul(query, np.transpose(key, [0, 1, 3, 2])).mul(headDim ** -0.5);
  const read = np.matmul(nn.softmax(scores.add(mask), -1), value);
  return apply(np.transpose(read, [0, 2, 1, 3]).reshape([tokens, dim]), layer.output);
}

/** ids and targets as one-hot rows (tokens, vocabulary) */
function lossOf(model, ids, targets, mask) {
  let x = np.matmul(ids, model.tokens).reshape([batch, sequence, dim]).add(model.positions);
  x = x.reshape([tokens, dim]);
  for (const layer of model.layers) {
    x = x.ref.add(attention(normalise(x, layer.normAttention), layer, mask.ref));
    x = x.ref.add(apply(nn.gelu(apply(normalise(x, layer.normFeedForward), layer.up)), layer.down));
  }
  mask.dispose();
  const logits = np.matmul(normalise(x, model.norm), model.head);
  return nn
    .logSoftmax(logits, -1)
    .mul(targets)
    .sum()
    .mul(-1 / tokens);
}

const [leaves, structure] = tree.flatten(parameters);

/** AdamW on lists of arrays; gives the loss and the new lists. */
function update(weights, averages, squares, ids, targets, mask) {
  const model = tree.unflatten(structure, weights);
  const [loss, gradient] = jax.valueAndGrad(lossOf)(tree.ref(model), ids, targets, mask);
  const gradients = tree.leaves(gradient);
  const nextAverages = averages.map((average, i) => average.mul(0.9).add(gradients[i].ref.mul(0.1)));
  const nextSquares = squares.map((square, i) => square.mul(0.999).add(np.square(gradients[i]).mul(0.001)));
  const nextWeights = weights.map((weight, i) => {
    const move = nextAverages[i].ref.mul(1e-3).div(np.sqrt(nextSquares[i].ref).add(1e-8));
    return weight.mul(1 - 1e-5).sub(move);
  });
  return [loss, nextWeights, nextAverages, nextSquares];
}

function oneHot() {
  const rows = new Float32Array(tokens * vocabulary);
  for (const [token, id] of randomIds(tokens, vocabulary).entries()) rows[token * vocabulary + id] = 1;
  return np.array(rows).reshape([tokens, vocabulary]);
}

const [ids, targets] = [oneHot(), oneHot()];
const mask = np.array(causalMask(sequence)).reshape([sequence, sequence]);
const compiled = jax.jit(update);
const zeros = () => leaves.map(({ shape }) => np.zeros(shape));
let state = [leaves, zeros(), zeros()];

await timeSteps('jax-js 0.1.25 (wasm, jit)', {
  step: async () => {
    const [loss, ...next] = compiled(...state, ids.ref, targets.ref, mask.ref);
    state = next;
    await jax.blockUntilReady(state[0]);
    return loss.js();
  },
});

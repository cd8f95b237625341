// The training step of ../yardstick.ts written for TensorFlow.js, whatever its backend.
import { causalMask, randomIds } from './text.mjs';

/**
 * @param tf the library, with a backend that is ready
 * @param size { batch, sequence, dim, heads, layers, vocabulary }
 * @returns one forward, backward and update, finished when its promise is; gives the loss
 */
export function makeStep(tf, { batch, sequence, dim, heads, layers, vocabulary }) {
  const tokens = batch * sequence;
  const headDim = dim / heads;
  const normal = (...shape) => tf.variable(tf.randomNormal(shape, 0, 0.02));
  const zeros = (size) => tf.variable(tf.zeros([size]));
  const ones = (size) => tf.variable(tf.ones([size]));
  const linear = (inputs, outputs) => ({ weight: normal(inputs, outputs), bias: zeros(outputs) });
  const norm = () => ({ weight: ones(dim), bias: zeros(dim) });
  const model = {
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
  const leavesOf = (value) =>
    value instanceof tf.Variable ? [value] : Object.values(value).flatMap(leavesOf);
  const parameters = leavesOf(model);
  const mask = tf.tensor(causalMask(sequence), [sequence, sequence]);
  const [ids, targets] = [randomIds(tokens, vocabulary), randomIds(tokens, vocabulary)].map((list) =>
    tf.cast(tf.oneHot(tf.tensor1d(list, 'int32'), vocabulary), 'float32'),
  );

  const apply = (x, { weight, bias }) => tf.add(tf.matMul(x, weight), bias);

  function normalise(x, { weight, bias }) {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), weight), bias);
  }

  /** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))) */
  function gelu(x) {
    const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
    return tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(inner)));
  }

  function attention(x, layer) {
    const joined = tf.reshape(apply(x, layer.queryKeyValue), [batch, sequence, 3, heads, headDim]);
    const [query, key, value] = tf.unstack(tf.transpose(joined, [2, 0, 3, 1, 4]), 0);
    const scores = tf.mul(tf.matMul(query, key, false, true), headDim ** -0.5);
    const read = tf.matMul(tf.softmax(tf.add(scores, mask)), value);
    return apply(tf.reshape(tf.transpose(read, [0, 2, 1, 3]), [tokens, dim]), layer.output);
  }

  function loss() {
    let x = tf.add(tf.reshape(tf.matMul(ids, model.tokens), [batch, sequence, dim]), model.positions);
    x = tf.reshape(x, [tokens, dim]);
    for (const layer of model.layers) {
      x = tf.add(x, attention(normalise(x, layer.normAttention), layer));
      x = tf.add(x, apply(gelu(apply(normalise(x, layer.normFeedForward), layer.up)), layer.down));
    }
    const logits = tf.matMul(normalise(x, model.norm), model.head);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), targets), -1)));
  }

  const optimizer = tf.train.adam(1e-3);

  return async () => {
    const { value, grads } = tf.variableGrads(loss, parameters);
    optimizer.applyGradients(grads);
    tf.tidy(() => {
      for (const parameter of parameters) parameter.assign(parameter.mul(1 - 1e-5)); // the decay of AdamW
    });
    const [number] = await value.data();
    tf.dispose([value, grads]);
    return number;
  };
}

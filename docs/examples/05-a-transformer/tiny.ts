import {
  AdamW,
  arange,
  CausalSelfAttention,
  CharacterTokenizer,
  clipGradNorm,
  defaultModel,
  Embedding,
  FeedForward,
  flopsSoFar,
  fromTypedArray,
  generate,
  KeyValueCache,
  LayerNorm,
  Linear,
  Module,
  nextTokenLoss,
  noGrad,
  Random,
  SkipTransformer,
  type Tensor,
  warmupCosine,
  zeros,
} from 'hopgrad';

/** (T, T): 0 where a query may read a key, −∞ where it may not. */
function causal(tokens: number): Tensor {
  const places = arange(tokens, { dtype: 'int32' });
  return places.le(places.unsqueeze(-1)).where(zeros([tokens, tokens]), Number.NEGATIVE_INFINITY);
}

// #region layer
class Layer extends Module {
  normAttention: LayerNorm;
  attention: CausalSelfAttention;
  normFeedForward: LayerNorm;
  feedForward: FeedForward;

  constructor(dim: number, heads: number, random: Random) {
    super();
    this.normAttention = new LayerNorm(dim);
    this.attention = new CausalSelfAttention(dim, heads, random.fork('attention'));
    this.normFeedForward = new LayerNorm(dim);
    this.feedForward = new FeedForward(dim, 4 * dim, random.fork('feed-forward'));
  }

  forward(x: Tensor, cache?: KeyValueCache): Tensor {
    const z = this.normAttention.forward(x); // (B, T, D)
    const h = x.add(cache ? readOn(this.attention, z, cache) : this.attention.forward(z));
    return h.add(this.feedForward.forward(this.normFeedForward.forward(h)));
  }
}
// #endregion

// #region readOn
/** Attention of new tokens z (1, T, D) to themselves and to all that the cache has stored. */
function readOn(attention: CausalSelfAttention, z: Tensor, cache: KeyValueCache): Tensor {
  const start = cache.length;
  const all = cache.append(attention.keysAndValues(z)); // of every token so far
  const positions = arange(z.shape[1], { start, dtype: 'int32' }).unsqueeze(0); // (1, T)
  return attention.attend(z, all, { positions });
}
// #endregion

// #region model
class Transformer extends Module {
  tokens: Embedding;
  positions: Embedding;
  layers: Layer[];
  norm: LayerNorm;
  head: Linear;

  constructor(vocabulary: number, context: number, dim: number, heads: number, layers: number) {
    super();
    const random = new Random(1);
    this.tokens = new Embedding(vocabulary, dim, random.fork('tokens'), 0.2);
    this.positions = new Embedding(context, dim, random.fork('positions'), 0.2);
    this.layers = Array.from({ length: layers }, (_, i) => new Layer(dim, heads, random.fork(i)));
    this.norm = new LayerNorm(dim);
    this.head = new Linear(dim, vocabulary, random.fork('head'), { bias: false });
  }

  /** ids (B, T), the first of which stands at position `start`, → (B, T, D). */
  embed(ids: Tensor, start = 0): Tensor {
    const places = arange(ids.shape[1], { start, dtype: 'int32' });
    return this.tokens.forward(ids).add(this.positions.forward(places));
  }

  /** ids (B, T) → logits (B, T, V) of the token after each. */
  forward(ids: Tensor, caches?: KeyValueCache[]): Tensor {
    let x = this.embed(ids, caches?.[0].length); // (B, T, D)
    this.layers.forEach((layer, i) => {
      x = layer.forward(x, caches?.[i]);
    });
    return this.head.forward(this.norm.forward(x));
  }
}
// #endregion

const rhyme = `This is the house that Jack built.
This is the malt that lay in the house that Jack built.
This is the rat that ate the malt that lay in the house that Jack built.
This is the cat that killed the rat that ate the malt that lay in the house that Jack built.
This is the dog that worried the cat that killed the rat that ate the malt that lay in the house that Jack built.
`;

// #region make
const tokenizer = CharacterTokenizer.fromText(rhyme);
const text = tokenizer.encode(rhyme);
const [context, dim, heads, layers] = [56, 32, 2, 2];
const model = new Transformer(tokenizer.vocabularySize, context, dim, heads, layers);
console.log(`${text.length} characters, ${tokenizer.vocabularySize} tokens in the vocabulary`);
console.log(`${model.parameterCount()} parameters`);
// #endregion

// #region batch
const random = new Random(2);

/** Eight windows from random places, and the same one character on. */
function draw(): { ids: Tensor; targets: Tensor } {
  const starts = Array.from({ length: 8 }, () => random.int(text.length - context));
  const windows = (shift: number): Int32Array =>
    Int32Array.from(starts.flatMap((start) => [...text.subarray(start + shift, start + shift + context)]));
  return {
    ids: fromTypedArray(windows(0), [8, context]),
    targets: fromTypedArray(windows(1), [8 * context]),
  };
}
// #endregion

// #region train
const steps = 300;
const optimizer = new AdamW(model.namedParameters());
const learningRate = warmupCosine({ peak: 1e-2, warmup: 20, total: steps });
const losses: number[] = [];

for (let step = 0; step < steps; step++) {
  const { ids, targets } = draw();
  const loss = nextTokenLoss(model.forward(ids), targets);
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  optimizer.step(learningRate(step));
  optimizer.zeroGrad();
  losses.push(loss.item());
}
for (const step of [0, 20, 50, 100, 299]) {
  const nats = losses[step];
  console.log(`step ${step}: ${nats.toFixed(2)} nats, ${(nats / Math.LN2).toFixed(2)} bits per character`);
}
// #endregion

/** A curve over the steps, with a dashed line at what knowing nothing gives. */
function curve(values: number[], ignorance: number): string {
  const [width, height, left, bottom] = [600, 260, 44, 40];
  const [most, x] = [
    Math.ceil(Math.max(...values)),
    (i: number) => left + (i / (values.length - 1)) * (width - left - 12),
  ];
  const y = (value: number) => 14 + (1 - value / most) * (height - bottom - 14);
  const ticks = Array.from({ length: most + 1 }, (_, value) => value);
  const line = 'stroke="#8a8f98" stroke-width="1"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" font-family="sans-serif" font-size="12" fill="#444" role="img" aria-label="The loss over ${values.length} steps falls from ${values[0].toFixed(1)} to ${values[values.length - 1].toFixed(2)} nats per character">`,
    ...ticks.map(
      (value) =>
        `<text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text><line x1="${left}" x2="${width - 12}" y1="${y(value)}" y2="${y(value)}" stroke="#e3e5e8"/>`,
    ),
    ...[0, 100, 200, values.length].map(
      (step) =>
        `<text x="${x(Math.min(step, values.length - 1))}" y="${height - 22}" text-anchor="middle">${step}</text>`,
    ),
    `<text x="${width - 12}" y="${height - 6}" text-anchor="end">step</text>`,
    `<line x1="${left}" x2="${width - 12}" y1="${y(ignorance)}" y2="${y(ignorance)}" ${line} stroke-dasharray="5 4"/>`,
    `<text x="${width - 14}" y="${y(ignorance) - 5}" text-anchor="end">every character equally likely</text>`,
    `<polyline points="${values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}" fill="none" stroke="#3b82c4" stroke-width="1.75"/>`,
    '</svg>',
  ].join('\n');
}

// #region curve
console.log(curve(losses, Math.log(tokenizer.vocabularySize)));
// #endregion

// #region generate
function continued(prompt: string, count: number): string {
  let ids = [...tokenizer.encode(prompt)];
  for (let i = 0; i < count; i++) {
    const window = ids.slice(-context);
    const logits = noGrad(() => model.forward(fromTypedArray(Int32Array.from(window), [1, window.length])));
    const last = logits.at(0, window.length - 1); // (V): what comes after the last token
    ids = [...ids, last.argmax().item()];
  }
  return tokenizer.decode(ids);
}
console.log(continued('This is the cat', 60));
console.log(continued('The malt', 60));
// #endregion

/** A matrix of weights as squares, a query a row, a key a column. */
function heatMap(letters: string[], weights: number[][]): string {
  const [cell, margin] = [18, 26];
  const size = margin + cell * letters.length;
  const shown = letters.map((letter) => (letter === ' ' ? '␣' : letter));
  const squares = weights.flatMap((row, y) =>
    row
      .slice(0, y + 1)
      .map(
        (weight, x) =>
          `<rect x="${margin + cell * x}" y="${margin + cell * y}" width="${cell - 1}" height="${cell - 1}" fill="#0b6e4f" fill-opacity="${(0.04 + 0.96 * weight).toFixed(3)}"/>`,
      ),
  );
  const middle = (i: number): number => margin + cell * (i + 0.5);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" font-family="monospace" font-size="12" fill="#444" text-anchor="middle" role="img" aria-label="Which earlier letters each letter of “${letters.join('')}” reads: darker means more">`,
    ...squares,
    ...shown.map((letter, i) => `<text x="${middle(i)}" y="${margin - 8}">${letter}</text>`),
    ...shown.map((letter, i) => `<text x="${margin - 12}" y="${middle(i) + 4}">${letter}</text>`),
    '</svg>',
  ].join('\n');
}

// #region pattern
const phrase = 'that killed the rat that';
const [layer, head] = [1, 1]; // the second head of the second layer

const pattern = noGrad(() => {
  const read = tokenizer.encode(phrase);
  const T = read.length;
  let x = model.embed(fromTypedArray(read, [1, T]));
  for (const before of model.layers.slice(0, layer)) x = before.forward(x);
  const { normAttention, attention } = model.layers[layer];
  const z = normAttention.forward(x);
  const ofHead = (y: Tensor): Tensor => y.reshape([T, heads, dim / heads]).select(1, head); // (T, headDim)
  const scores = ofHead(attention.query.forward(z)).matmul(ofHead(attention.key.forward(z)).transpose());
  return scores
    .div(Math.sqrt(dim / heads))
    .add(causal(T))
    .softmax();
});
console.log(heatMap([...phrase], pattern.toArray() as number[][]));
// #endregion

// #region verb
const place = phrase.indexOf(' rat'); // the blank after "the": which noun comes next?
const readHere = (pattern.toArray() as number[][])[place].map((weight, key) => ({ weight, key }));
for (const { weight, key } of readHere.toSorted((a, b) => b.weight - a.weight).slice(0, 2)) {
  console.log(`weight ${weight.toFixed(2)} for the last letter of "${phrase.slice(0, key + 1)}"`);
}
// #endregion

// #region cache
const line = tokenizer.encode('This is the rat that ate the malt that lay in the house');
const whole = noGrad(() => model.forward(fromTypedArray(line, [1, line.length])));

const caches = model.layers.map(() => new KeyValueCache(1, heads, context, dim / heads, model.head.weight));
let largest = 0;
line.forEach((id, t) => {
  const logits = noGrad(() => model.forward(fromTypedArray(Int32Array.of(id), [1, 1]), caches));
  const difference = logits.at(0, 0).sub(whole.at(0, t)).abs().max().item();
  largest = Math.max(largest, difference);
});
console.log(`${line.length} tokens one by one: the logits differ by at most ${largest}`);
// #endregion

// #region cost
function flopsOf(work: () => void): number {
  const before = flopsSoFar();
  noGrad(work);
  return flopsSoFar() - before;
}
const again = flopsOf(() => {
  for (let t = 1; t <= line.length; t++)
    model.forward(fromTypedArray(line.slice(0, t), [1, t])).toTypedArray();
});
const cached = flopsOf(() => {
  for (const cache of caches) cache.clear();
  for (const id of line) model.forward(fromTypedArray(Int32Array.of(id), [1, 1]), caches).toTypedArray();
});
console.log(`reading again costs ${(again / cached).toFixed(0)} times as much`);
// #endregion

// #region theirs
const theirs = new SkipTransformer({
  ...defaultModel,
  ...{ vocabularySize: tokenizer.vocabularySize, context, dim, heads, layers },
  router: 'none',
});
theirs.loadStateDict(model.stateDict());
const ids = fromTypedArray(line, [1, line.length]);
console.log(theirs.eval().forward(ids).logits.equal(model.forward(ids)));

const written = [...generate(theirs, tokenizer.encode('This is the dog'), { tokens: 40, temperature: 0 })];
console.log(tokenizer.decode(written.map(({ id }) => id)));
// #endregion

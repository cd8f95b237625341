// How wrong, and how noisy, are the gradients that a router is trained with? A model of 2 layers on a text of 3 tokens
// has 64 outcomes, so the gradient of its expected loss is known exactly: the estimators A and B and the score function
// (REINFORCE) stand beside it, before and after some training. Writes docs/results/estimators.json.
//   npm run -s build && node docs/experiments/estimators.mjs
import * as hopgrad from '../../dist/src/index.js';
import { compare, draw, enumerate, scoreFunction } from './enumerate-outcomes.mjs';
import { writeResults } from './results.mjs';

const { AdamW, defaultModel, fromTypedArray, Random, SkipTransformer, Tensor } = hopgrad;
const seeds = [0, 1, 2, 3, 4];
const temperatures = [0.5, 1, 2];
const draws = 50_000;
const batch = 500;
const lambda = 0.1; // the paper's
const trainingSteps = 30;

/** A model in float64; the seed decides its weights. */
function makeModel(seed, estimator) {
  const shape = { vocabularySize: 6, context: 3, layers: 2, dim: 8, heads: 2, feedForward: 2 };
  const model = new SkipTransformer({ ...defaultModel, ...shape, seed, estimator });
  const convert = (module) => {
    for (const [name, field] of Object.entries(module)) {
      if (field instanceof Tensor) module[name] = hopgrad.parameter(field.detach().to('float64'));
    }
    for (const [, child] of module.children()) convert(child);
  };
  convert(model);
  return model;
}

/** A text of three tokens and what follows each. */
function makeText(seed) {
  const random = new Random(seed).fork('text');
  const text = Int32Array.from({ length: 4 }, () => random.int(6));
  return { ids: text.slice(0, 3), targets: text.slice(1) };
}

/** Some steps of training on the text, with the default estimator and the paper's noise. */
function train(model, text, seed) {
  const optimizer = new AdamW(model.namedParameters());
  const ids = fromTypedArray(text.ids, [1, 3]);
  for (let step = 0; step < trainingSteps; step++) {
    const random = new Random(seed).fork('training').fork(step);
    const { logits, densityLoss } = model.forward(ids, { random });
    const nll = hopgrad.nextTokenLoss(logits, fromTypedArray(text.targets, [3]));
    nll.add(densityLoss.mul(lambda)).backward();
    optimizer.step(0.01);
    optimizer.zeroGrad();
  }
}

/** The answers of an estimator in many draws. */
function sample(model, text, temperature, seed) {
  const random = new Random(seed).fork('draws');
  return Array.from(
    { length: draws / batch },
    (_, i) =>
      draw(hopgrad, model, text, { lambda, temperature, random: random.fork(i), draws: batch }).gradients,
  ).flat();
}

/** The rows of one model and text: every estimator beside the exact gradient of the weights as they are. */
function measure(weights, text, seed, situation) {
  const listed = enumerate(hopgrad, weights, text, lambda);
  const place = { situation, seed, gradientNorm: Math.hypot(...listed.gradient) };
  const exactly = [
    ['score function', 0],
    ['score function, the expected loss as baseline', listed.expectedLoss],
  ].map(([estimator, baseline]) => {
    const figures = compare(scoreFunction(listed, baseline), listed.gradient, listed.probabilities);
    return { ...place, estimator, temperature: null, ...figures, standardError: 0, samples: 'every outcome' };
  });
  const sampled = ['straight-through', 'taken-branch'].flatMap((estimator) => {
    const model = makeModel(seed, estimator);
    model.loadStateDict(weights.stateDict());
    return temperatures.map((temperature) => {
      const figures = compare(sample(model, text, temperature, seed), listed.gradient);
      const standardError = Math.sqrt(figures.relativeVariance / draws);
      return { ...place, estimator, temperature, ...figures, standardError, samples: draws };
    });
  });
  return [...exactly, ...sampled];
}

const data = seeds.flatMap((seed) => {
  const text = makeText(seed);
  const fresh = makeModel(seed, 'taken-branch');
  const trained = makeModel(seed, 'taken-branch');
  train(trained, text, seed);
  return [
    ...measure(fresh, text, seed, 'fresh'),
    ...measure(trained, text, seed, `after ${trainingSteps} steps`),
  ];
});
console.table(data);
writeResults('estimators', {
  what:
    'Bias and variance of estimators of the gradient, with respect to the router weights, of the expected loss ' +
    '(next-token loss + 0.1 × density loss) of a model of 2 layers on a text of 3 tokens, where all 64 outcomes ' +
    'can be listed; Gumbel noise of scale 1, float64. In units of the exact gradient’s length (gradientNorm): ' +
    'relativeBias is the distance of the mean of the samples from it, standardError the root mean square distance of ' +
    'such a mean from its own expectation, relativeVariance the trace of the covariance of one sample (length²).',
  command: 'node docs/experiments/estimators.mjs',
  seeds,
  data,
});

import {
  AdamW,
  CharacterTokenizer,
  clipGradNorm,
  defaultModel,
  evaluate,
  fromTypedArray,
  gradcheck,
  gradients,
  hardMask,
  type ModelConfig,
  Module,
  nextTokenLoss,
  parameter,
  Random,
  type Route,
  type RouteOptions,
  type Router,
  randn,
  SkipTransformer,
  type Tensor,
  TextDataset,
  takenBranch,
  tensor,
  warmupCosine,
} from 'hopgrad';

// #region norm
const x = randn([1, 4, 32], new Random(2)).mul(tensor([[[0.1], [1], [5], [20]]]));
const z = x.layerNorm(tensor(Array(32).fill(1)), tensor(Array(32).fill(0)), 1e-5);
const norms = (t: Tensor) => [...t.square().sum(-1).sqrt().toTypedArray()].map((v) => v.toFixed(2));
console.log('of x:', norms(x).join('  '));
console.log('of z:', norms(z).join('  '));
// #endregion

// #region router
class PeakRouter extends Module implements Router {
  readonly causal = 'always';
  threshold: Tensor;
  sharpness: Tensor;

  constructor(threshold: number) {
    super();
    this.threshold = parameter(tensor([threshold]));
    this.sharpness = parameter(tensor([2]));
  }

  route(z: Tensor, _options: RouteOptions): Route {
    const peak = z.abs().max(-1, { keepDim: true }); // (B, T, 1)
    const logit = peak.sub(this.threshold).mul(this.sharpness);
    const s1 = logit.sigmoid(); // how sure it is to run
    const s0 = s1.neg().add(1);
    const active = logit.gt(0);
    return {
      active,
      readsSkipped: false,
      density: hardMask(s1, active).mean(),
      combine: (x, y) => takenBranch(active.where(s1, s0), active, x, y),
    };
  }
}
// #endregion

// #region gradcheck
const double = (shape: number[], seed: number) => randn(shape, new Random(seed), { dtype: 'float64' });
const [input, output] = [double([1, 5, 3], 1), double([1, 5, 3], 2)];
const active = tensor([[[1], [0], [0], [1], [1]]]).gt(0);
const sure = double([1, 5, 1], 3).sigmoid();
console.log(
  gradcheck((a, b) => takenBranch(sure, active, a, b), [input, output], { name: 'combine' }).message,
);
// #endregion

// #region decision
const theta = double([1], 4);
const decide = (t: Tensor) => {
  const logit = double([1, 5, 1], 3).sub(t);
  const s1 = logit.sigmoid();
  const chosen = logit.gt(0).where(s1, s1.neg().add(1));
  return { chosen, open: logit.gt(0) };
};
const routed = (t: Tensor) => takenBranch(decide(t).chosen, decide(t).open, input, output);
const { failures } = gradcheck(routed, [theta]);
console.log('of the threshold: analytic', failures[0].analytic.toFixed(3), 'numeric', failures[0].numeric);
// #endregion

// #region surrogate
const taken = decide(theta).open.where(output, input);
const surrogate = (t: Tensor) => decide(t).chosen.mul(taken); // what was taken, times how sure
console.log(gradcheck(surrogate, [theta], { name: 'surrogate' }).message);

const leaf = parameter(theta);
const cotangent = double([1, 5, 3], 5);
const slopes = [routed, surrogate].map((f) => gradients(f(leaf), [leaf], { gradient: cotangent })[0].item());
console.log('the router says', slopes[0].toFixed(6), 'its surrogate', slopes[1].toFixed(6));
// #endregion

const random = new Random(1);
const word = () => Array.from({ length: 2 }, () => 'BDFKMRTW'[random.int(8)]).join('');
const text = Array.from({ length: 3000 }, word)
  .map((letters) => `${letters}=${letters}\n`)
  .join('');
const tokenizer = CharacterTokenizer.fromText(text);
const dataset = new TextDataset(tokenizer.encode(text));

// #region train
function train(config: Partial<ModelConfig>, makeRouter?: () => Router): void {
  const shape = { vocabularySize: 11, context: 24, dim: 32, heads: 2, layers: 3, density: [1, 0.5, 0.5] };
  const model = new SkipTransformer({ ...defaultModel, ...shape, ...config });
  if (makeRouter) for (const layer of model.layers.slice(1)) layer.router = makeRouter();

  const optimizer = new AdamW(model.namedParameters(), { betas: [0.9, 0.95], weightDecay: 0 });
  const rate = warmupCosine({ peak: 5e-3, warmup: 20, total: 200 });
  for (let step = 0; step < 200; step++) {
    const { inputs, targets, shape } = dataset.batch(step, { batchSize: 8, context: 24, seed: 0 });
    const result = model.forward(fromTypedArray(inputs, shape), { random: new Random(step), noiseScale: 0 });
    const nll = nextTokenLoss(result.logits, fromTypedArray(targets, [targets.length]));
    (result.densityLoss ? nll.add(result.densityLoss) : nll).backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step(rate(step));
    optimizer.zeroGrad();
  }
  report(model);
}

function report(model: SkipTransformer): void {
  const held = evaluate(model, dataset.validationBatches({ batchSize: 16, context: 24, limit: 4 }));
  const density = held.densityPerLayer.map((r) => r.toFixed(2)).join(' ') || 'dense';
  console.log(held.loss.toFixed(2), 'nats ', `${(held.flopsPerToken / 1000).toFixed(1)}k FLOPs `, density);
}
// #endregion

// #region run
train({}, () => new PeakRouter(2.2));
// #endregion

// #region controls
train({ router: 'random' });
train({ router: 'none', layers: 2, density: 1 });
train({ router: 'none', layers: 3, density: 1 });
// #endregion

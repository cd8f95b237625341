/** The training loop, one step at a time. Knows nothing of files or terminals; everything it does follows from its config. */
import type { TextDataset } from '../data/text-dataset.ts';
import { type Counters, OutOfMemory } from '../device/device.ts';
import { inScope } from '../device/scope.ts';
import {
  batchTensors,
  type Evaluation,
  evaluate,
  mean,
  nextTokenLoss,
  readScalars,
} from '../evaluate/evaluate.ts';
import { densityPerLayer } from '../model/config.ts';
import { SkipTransformer } from '../model/skip-transformer.ts';
import { Adafactor } from '../optim/adafactor.ts';
import { AdamW } from '../optim/adamw.ts';
import { scaleGrads, squaredGradNorm } from '../optim/clip.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { ramp, warmupCosine } from '../optim/schedule.ts';
import { Sgd } from '../optim/sgd.ts';
import type { CurvePoint } from '../report/types.ts';
import { exitLoss } from '../routing/compared/exit-loss.ts';
import { routers } from '../routing/table.ts';
import { zeros } from '../tensor/create.ts';
import { OpError } from '../tensor/errors.ts';
import { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkTrainingConfig, type RunConfig, type TrainingConfig } from './config.ts';

/** A row of metrics.jsonl. */
export interface StepMetrics extends CurvePoint {
  /** Factor on the routers' noise in this step. */
  noiseScale: number;
  /** Forward FLOPs per token that this step ran, and that the dense model would have run. */
  flopsPerToken: number;
  denseFlopsPerToken: number;
  /** What this step asked of a device that counts it: kernels run, and how often numbers went there and came back. */
  launches?: number;
  uploads?: number;
  readbacks?: number;
  /** Argmax density per layer, on steps that evaluate. */
  densityArgmaxPerLayer?: number[];
}

export class Trainer {
  readonly model: SkipTransformer;
  readonly config: TrainingConfig;
  readonly dataset: TextDataset;
  readonly optimizer: Optimizer;
  /** Steps done. */
  step = 0;
  readonly #learningRate: (step: number) => number;
  readonly #noise: (step: number) => number;
  readonly #densityProgress: (step: number) => number;

  /**
   * @param model one that is ready, such as with routers of one's own in its layers; by default made from the configuration
   * @throws OpError where the configuration, or the text for it, cannot work
   */
  constructor(
    { model: config, training }: RunConfig,
    dataset: TextDataset,
    model: SkipTransformer = new SkipTransformer(config),
  ) {
    checkTrainingConfig(training);
    dataset.checkContext(model.config.context);
    this.model = model;
    this.config = training;
    this.dataset = dataset;
    this.optimizer = makeOptimizer(this.model, training);
    const { steps, learningRate: peak, warmup, noiseStart, noiseEnd, noiseSteps } = training;
    this.#learningRate = warmupCosine({
      peak,
      warmup: Math.min(warmup, steps),
      total: steps,
      floor: peak / 20,
    });
    this.#noise = ramp(noiseStart, noiseEnd, Math.max(1, Math.round(noiseSteps * steps)));
    const [fall, fallen] = [training.densityFallStart, training.densityFallEnd].map((share) =>
      Math.round(share * steps),
    );
    const progress = ramp(0, 1, Math.max(1, fallen - fall));
    this.#densityProgress = (step) => (step < fallen ? progress(Math.max(0, step - fall)) : 1);
  }

  get done(): boolean {
    return this.step >= this.config.steps;
  }

  /** One optimizer step, and a measurement on held-out text where one is due. */
  trainStep(): StepMetrics {
    const started = performance.now();
    const { device } = this.model.head.weight;
    const before = device.counters?.();
    const metrics = this.withinMemory(() => inScope(() => this.update()));
    const work = before && workSince(before, device.counters?.() as Counters);
    const tokens = this.config.batchSize * this.model.config.context;
    // A clock that is set back in between must not give a figure that JSON cannot hold.
    const tokensPerSecond = (tokens / Math.max(performance.now() - started, 1e-3)) * 1000;
    this.step++;
    const due = this.step % this.config.evaluateEvery === 0 || this.done;
    return { step: this.step, ...metrics, tokensPerSecond, ...work, ...(due ? this.measure() : {}) };
  }

  /** @throws OpError that names the model's size, and what to lower, where it does not fit into memory */
  private withinMemory<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
      const { layers, dim, context } = this.model.config;
      const sizes = `${layers} layers of ${dim}, ${this.model.parameterCount()} parameters, on ${this.config.batchSize} texts of ${context} tokens`;
      throw new OpError(
        'training',
        `a step of ${sizes}, does not fit into memory (${error.message}); lower batchSize, context, dim or layers`,
      );
    }
  }

  private update(): Omit<StepMetrics, 'step' | 'tokensPerSecond'> {
    const { batchSize, seed, lambda, clip, temperature } = this.config;
    const { model, step } = this;
    const { context } = model.config;
    const learningRate = this.#learningRate(step);
    const noiseScale = this.#noise(step);
    const { ids, targets } = batchTensors(this.dataset.batch(step, { batchSize, context, seed }));
    const random = new Random(seed).fork('routing').fork(step);

    model.train();
    const result = model.forward(ids, {
      random,
      noiseScale,
      temperature,
      densityProgress: this.#densityProgress(step),
    });
    const { logits, routes, densityLoss, routerLoss, exitLogits, flops } = result;
    const nll = nextTokenLoss(logits, targets); // scalar
    const exits = exitLogits.map((early) => nextTokenLoss(early, targets)); // scalars
    const said = exits.length > 0 ? exitLoss([...exits, nll]) : nll;
    const loss = densityLoss ? said.add(densityLoss.mul(lambda)) : said; // nll + λ Σ (r − P)²
    (routerLoss ? loss.add(routerLoss) : loss).backward();
    const parameters = model.parameters();
    const [squares, trainLoss, auxiliaryLoss, ...densities] = readScalars([
      squaredGradNorm(parameters) as Tensor, // the loss depends on the head at least
      nll,
      densityLoss ?? zeros([], { dtype: nll.dtype, device: nll.device }),
      ...routes.map(({ density }) => density),
    ]);
    const gradNorm = Math.sqrt(squares);
    if (!Number.isFinite(gradNorm)) {
      throw new OpError(
        'training',
        `the gradient is ${gradNorm} at step ${step + 1} (loss ${trainLoss}); lower the learning rate, now ${learningRate}`,
      );
    }
    scaleGrads(parameters, gradNorm, clip);
    this.optimizer.step(learningRate);
    this.optimizer.zeroGrad();

    return {
      trainLoss,
      auxiliaryLoss,
      densitySampled: densities.length > 0 ? mean(densities) : 1,
      densityPerLayer: densities,
      learningRate,
      noiseScale,
      gradNorm,
      flopsPerToken: flops.executed,
      denseFlopsPerToken: flops.dense,
    };
  }

  private measure(): Pick<StepMetrics, 'valLoss' | 'densityArgmax' | 'densityArgmaxPerLayer'> {
    const { loss, density, densityPerLayer: perLayer } = this.evaluate(this.config.evaluateBatches);
    return { valLoss: loss, densityArgmax: density, densityArgmaxPerLayer: perLayer };
  }

  /** Measures the model on held-out text, skipping for real. */
  evaluate(limit?: number): Evaluation {
    const { context } = this.model.config;
    return evaluate(this.model, this.dataset.validationBatches({ batchSize: 16, context, limit }));
  }

  /** Everything that a later step depends on, beside the configuration and `step`. */
  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>();
    for (const [name, value] of this.model.stateDict()) state.set(`model.${name}`, value);
    for (const [name, value] of this.optimizer.stateDict()) state.set(`optimizer.${name}`, value);
    return state;
  }

  /** Continues from a saved state as if never stopped. */
  restore(state: ReadonlyMap<string, Tensor>, step: number): void {
    this.model.loadStateDict(withoutPrefix(state, 'model.'));
    this.optimizer.loadStateDict(withoutPrefix(state, 'optimizer.'));
    this.step = step;
  }
}

function workSince(
  before: Counters,
  after: Counters,
): Pick<StepMetrics, 'launches' | 'uploads' | 'readbacks'> {
  return {
    launches: after.launches - before.launches,
    uploads: after.uploads - before.uploads,
    readbacks: after.readbacks - before.readbacks,
  };
}

/** What a person should be told about the densities a run has reached; empty where all is well. */
export function densityWarnings(
  { model }: Trainer,
  achieved: readonly number[],
): { layer: number; message: string }[] {
  if (!routers[model.config.router].takes.includes('density')) return []; // nothing was aimed at
  const targets = densityPerLayer(model.config);
  return achieved.flatMap((density, layer) => {
    const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
    const found = `layer ${layer + 1} runs for ${percent(density)} of tokens, its target is ${percent(targets[layer])}`;
    const verdict = density < 0.02 ? 'always' : density > 0.98 && targets[layer] < 0.98 ? 'never' : null;
    return verdict ? [{ layer, message: `${found}: its router has collapsed to ${verdict} skipping` }] : [];
  });
}

/** The entries whose names begin with `prefix`, without it. */
export function withoutPrefix<T>(entries: ReadonlyMap<string, T>, prefix: string): Map<string, T> {
  const own = [...entries].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** Weight decay is for matrices; norms and biases are left alone. */
function makeOptimizer(model: SkipTransformer, { optimizer, weightDecay }: TrainingConfig): Optimizer {
  const named = model.namedParameters();
  const groups = [
    { parameters: named.filter(([, parameter]) => parameter.rank > 1), weightDecay },
    { parameters: named.filter(([, parameter]) => parameter.rank <= 1), weightDecay: 0 },
  ];
  if (optimizer === 'adafactor') return new Adafactor(groups);
  if (optimizer === 'sgd') return new Sgd(groups, { momentum: 0.9 });
  return new AdamW(groups, { betas: [0.9, 0.95] });
}

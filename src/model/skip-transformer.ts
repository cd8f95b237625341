/**
 * The SkipLayer language model ("Learning to Skip for Language Modeling", arXiv 2311.15436): a pre-LN decoder in which
 * a router before every layer lets each token run the layer or pass it by.
 *
 * Where the paper is silent: learned positions, GELU feed-forward, an untied head without bias.
 */
import { inModule } from '../autograd/anomaly.ts';
import { isGradEnabled, noGrad } from '../autograd/mode.ts';
import { flopsSoFar } from '../device/flops.ts';
import { Embedding } from '../nn/embedding.ts';
import { KeyValueCache } from '../nn/key-value-cache.ts';
import { LayerNorm } from '../nn/layer-norm.ts';
import { Linear } from '../nn/linear.ts';
import { Module } from '../nn/module.ts';
import { ActiveRows } from '../routing/active-rows.ts';
import { densityAt, densityLoss } from '../routing/density-loss.ts';
import { arange, zeros } from '../tensor/create.ts';
import { OpError, shapeText } from '../tensor/errors.ts';
import { Random } from '../tensor/random.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { checkModelConfig, densityPerLayer, type ModelConfig } from './config.ts';
import { type Execution, type LayerOptions, SkipLayer } from './skip-layer.ts';

export interface ForwardOptions {
  /** Randomness of this step's routing; without it routers decide without noise. */
  random?: Random | null;
  /** τ of the routers. Default 1. */
  temperature?: number;
  /** Factor on the routers' Gumbel noise. Default 1. */
  noiseScale?: number;
  /** How far P has come in training from 1, at 0, to its target, at 1. Default 1. */
  densityProgress?: number;
  /** Default: gathered wherever the estimator allows it. */
  execution?: Execution;
  /** (B, T, 1) bool: tokens that count for the density; the others are padding. */
  valid?: Tensor | null;
  /** Run every layer for every token: the dense transformer. */
  forceOpen?: boolean;
  /** One cache per layer: the tokens continue the text stored there. */
  caches?: readonly KeyValueCache[] | null;
}

/** How one layer's tokens were routed. */
export interface LayerRoute {
  /** (B, T, 1) bool: which tokens ran it. */
  active: Tensor;
  /** Their share, a scalar. */
  density: Tensor;
  /** A loss of the router's own, a scalar. */
  routerLoss?: Tensor | null;
  /** (B, T, V): what the model would have said before it. */
  exitLogits?: Tensor | null;
}

export interface ForwardResult {
  /** (B, T, V) */
  logits: Tensor;
  /** One per layer; empty for a dense model. */
  routes: LayerRoute[];
  /** Σ (r − P)² over layers, to be weighed by λ; null where no router is to learn from it. */
  densityLoss: Tensor | null;
  /** Sum over layers of what routers add to the training loss themselves; null where none does. */
  routerLoss: Tensor | null;
  /** (B, T, V) each: what the model would have said earlier, wherever a router asked; by depth. */
  exitLogits: Tensor[];
  /** Floating-point operations per token: what this forward ran, and what the dense model would have run. */
  flops: { executed: number; dense: number };
}

export class SkipTransformer extends Module {
  tokens: Embedding;
  positions: Embedding;
  layers: SkipLayer[];
  norm: LayerNorm;
  head: Linear;
  readonly config: ModelConfig;
  /** FLOPs of a dense token before attention, and of each key it reads. */
  #dense: { base: number; perKey: number } | null = null;

  constructor(config: ModelConfig) {
    super();
    checkModelConfig(config);
    const { vocabularySize, context, dim, layers, embeddingScale, seed } = config;
    const random = new Random(seed).fork('weights');
    this.config = config;
    this.tokens = new Embedding(vocabularySize, dim, random.fork('tokens'), embeddingScale);
    this.positions = new Embedding(context, dim, random.fork('positions'), embeddingScale);
    this.layers = Array.from({ length: layers }, (_, i) => new SkipLayer(config, i, random.fork(i)));
    this.norm = new LayerNorm(dim);
    this.head = new Linear(dim, vocabularySize, random.fork('head'), { bias: false });
  }

  /** ids (B, T) int32 → logits (B, T, V) of the token after each, how tokens were routed, and what it cost. */
  forward(ids: Tensor, options: ForwardOptions = {}): ForwardResult {
    const start = options.caches?.[0]?.length ?? 0;
    this.checkCall(ids, start, options);
    const [batch, tokens] = ids.shape;
    const dense = this.denseFlops(start, tokens);
    const before = flopsSoFar();
    const { logits, routes } = this.run(ids, start, options);
    const executed = (flopsSoFar() - before) / (batch * tokens);
    const densities = isGradEnabled() ? routes.map(({ density }) => density) : []; // some are computed when asked for
    const learned = densities.some((density) => density.requiresGrad);
    const routerLosses = routes.flatMap(({ routerLoss }) => routerLoss ?? []);
    return {
      logits,
      routes,
      densityLoss: learned ? densityLoss(densities, this.targets(options)) : null,
      routerLoss: routerLosses.length > 0 ? routerLosses.reduce((total, loss) => total.add(loss)) : null,
      exitLogits: routes.flatMap(({ exitLogits }) => exitLogits ?? []),
      flops: { executed, dense },
    };
  }

  /** P of every layer in this step. */
  private targets({ densityProgress = 1 }: ForwardOptions): number[] {
    return densityPerLayer(this.config).map((target) => densityAt(target, densityProgress));
  }

  private run(ids: Tensor, start: number, options: ForwardOptions): { logits: Tensor; routes: LayerRoute[] } {
    const {
      random,
      caches,
      temperature = 1,
      noiseScale = 1,
      densityProgress = 1,
      valid = null,
      forceOpen = false,
      execution,
    } = options;
    const places = arange(ids.shape[1], { start, dtype: 'int32', device: ids.device }); // (T)
    let x = this.tokens.forward(ids).add(this.positions.forward(places)); // (B, T, D)
    const routes: LayerRoute[] = [];
    let before: LayerRoute | null = null; // how the last layer that ran was routed
    const say = (): Tensor => this.say(x, start, execution === 'masked' ? null : before); // (B, T, V)
    for (const [i, layer] of this.layers.entries()) {
      const options: LayerOptions = {
        random: random?.fork(i) ?? null,
        cache: caches?.[i] ?? null,
        exitLogits: say,
        ...{ start, temperature, noiseScale, densityProgress, valid, forceOpen, execution },
      };
      const { output, route } = inModule(`layers.${i}`, () => layer.forward(x, options));
      x = output; // (B, T, D)
      before = route;
      if (route) routes.push(route);
    }
    return { logits: say(), routes };
  }

  /** The logits (B, T, V) of states x (B, T, D). A token that the last layer left as it was is not read again. */
  private say(x: Tensor, start: number, before: LayerRoute | null): Tensor {
    const read = (states: Tensor): Tensor => this.head.forward(this.norm.forward(states));
    const said = before?.exitLogits; // (B, T, V)
    if (!before || !said || this.training) return read(x);
    const rows = new ActiveRows(before.active, start);
    if (rows.count === before.active.size) return read(x);
    return rows.count > 0 ? rows.scatter(said, read(rows.gather(x))) : said;
  }

  /**
   * What the dense model costs per token, for `tokens` tokens after the first `start`. Every op but causal attention
   * costs the same at each position, and attention costs one more key a position, so two tiny dense runs tell all.
   */
  private denseFlops(start: number, tokens: number): number {
    this.#dense ??= noGrad(() => {
      const cost = (n: number): number => {
        const before = flopsSoFar();
        this.run(zeros([1, n], { dtype: 'int32', device: this.tokens.weight.device }), 0, {
          forceOpen: true,
        });
        return flopsSoFar() - before;
      };
      const one = cost(1);
      const perKey = this.config.context > 1 ? cost(2) - 2 * one : 0;
      return { base: one - perKey, perKey };
    });
    const { base, perKey } = this.#dense;
    const upTo = (n: number): number => n * base + ((n * (n + 1)) / 2) * perKey;
    return (upTo(start + tokens) - upTo(start)) / tokens;
  }

  /** Room for the keys and values of `batch` texts. */
  makeCaches(batch: number): KeyValueCache[] {
    const { layers, heads, dim, context } = this.config;
    const { weight } = this.head;
    return Array.from(
      { length: layers },
      () => new KeyValueCache(batch, heads, context, dim / heads, weight),
    );
  }

  private checkCall(ids: Tensor, start: number, { valid, caches, temperature = 1 }: ForwardOptions): void {
    const { context, layers } = this.config;
    if (!(ids instanceof Tensor) || ids.rank !== 2 || ids.dtype !== 'int32' || ids.size === 0) {
      const given = ids instanceof Tensor ? `${ids.dtype} ${shapeText(ids.shape)}` : typeof ids;
      throw new OpError('SkipTransformer', `takes ids (B, T) int32 of at least one token, not ${given}`);
    }
    const [batch, tokens] = ids.shape;
    if (start + tokens > context) {
      throw new OpError(
        'SkipTransformer',
        `${start + tokens} tokens are more than the context of ${context}; shorten the text`,
      );
    }
    if (valid && !sameShape(valid.shape, [batch, tokens, 1])) {
      throw new OpError(
        'SkipTransformer',
        `valid must be (B, T, 1), ${shapeText([batch, tokens, 1])}, not ${shapeText(valid.shape)}`,
      );
    }
    if (caches && caches.length !== layers) {
      throw new OpError(
        'SkipTransformer',
        `${caches.length} caches do not fit ${layers} layers; use makeCaches(${batch})`,
      );
    }
    if (!(temperature > 0))
      throw new OpError('SkipTransformer', `temperature ${temperature} must be above 0`);
  }
}

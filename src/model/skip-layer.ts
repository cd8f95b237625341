/**
 * One transformer layer that every token may skip (paper section 2, Eq. 1, 2 and 5, Algorithm 1).
 *
 * Keys and values are computed for every token, so that nobody loses sight of a token that skipped (ran-keys.ts is the
 * variant without); query, attention, output projection and feed-forward are for active tokens. Two ways of running it
 * give the same values and gradients: *masked* computes every token and throws away what was skipped; *gathered* computes
 * the active tokens alone.
 */
import { isGradEnabled } from '../autograd/mode.ts';
import { CausalSelfAttention, type Places } from '../nn/causal-self-attention.ts';
import { FeedForward } from '../nn/feed-forward.ts';
import type { KeysAndValues, KeyValueCache } from '../nn/key-value-cache.ts';
import { LayerNorm } from '../nn/layer-norm.ts';
import { Module } from '../nn/module.ts';
import { ActiveRows } from '../routing/active-rows.ts';
import type { Route, RouteOptions, Router } from '../routing/router.ts';
import { makeRouter, routers } from '../routing/table.ts';
import { fromTypedArray } from '../tensor/create.ts';
import { OpError } from '../tensor/errors.ts';
import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Ran, ranKeys, type Seen } from './compared/ran-keys.ts';
import { densityPerLayer, type ModelConfig, type Wraps } from './config.ts';

export type Execution = 'masked' | 'gathered';

export interface LayerOptions extends RouteOptions {
  /** Default: gathered wherever the estimator allows it. */
  execution?: Execution;
  /** Run every token and ask no router: the dense transformer. */
  forceOpen: boolean;
  cache: KeyValueCache | null;
}

/** A sub-network on tokens h (Bq, Tq, D), normalised too as the router saw them; `ran`: which tokens these are. */
type Branch = (h: Tensor, normal: Tensor, ran: Ran) => Tensor;

const everyToken: Ran = { active: null, rows: null, needsAll: false };

export class SkipLayer extends Module {
  normAttention: LayerNorm;
  attention: CausalSelfAttention;
  normFeedForward: LayerNorm;
  feedForward: FeedForward;
  router: Router | null;
  readonly wraps: Wraps;
  readonly dropSkippedKeys: boolean;
  readonly detachRouter: boolean;

  constructor(config: ModelConfig, layer: number, random: Random) {
    super();
    const { dim, heads, gated, wraps } = config;
    const outputScale = (2 * config.layers) ** -0.5; // the residual sum of 2L branches keeps the scale of one
    this.normAttention = new LayerNorm(dim);
    this.attention = new CausalSelfAttention(dim, heads, random.fork('attention'), outputScale);
    this.normFeedForward = new LayerNorm(dim);
    this.feedForward = new FeedForward(dim, config.feedForward * dim, random.fork('feed-forward'), {
      gated,
      outputScale,
    });
    const density = densityPerLayer(config)[layer];
    this.router = makeRouter(config.router, { ...config, layer, density, random: random.fork('router') });
    const { takes } = routers[config.router];
    this.wraps = takes.includes('wraps') ? wraps : 'layer';
    this.dropSkippedKeys = takes.includes('dropKeys') && config.dropSkippedKeys;
    this.detachRouter = takes.includes('detachRouter') && config.detachRouter;
  }

  /** x (B, T, D) → the layer's output (B, T, D), and how its tokens were routed (null where nothing was decided). */
  forward(x: Tensor, options: LayerOptions): { output: Tensor; route: Route | null } {
    const z = this.normAttention.forward(x); // (B, T, D)
    const kept = this.dropSkippedKeys ? null : this.keysAndValues(z, options.cache); // (B, H, T, headDim), every token
    const attend: Branch = (h, normal, ran) => {
      const { kv, places } = this.seen(normal, ran, kept, options);
      return h.add(this.attention.attend(normal, kv, places)); // Eq. 5, left
    };
    const feed = (h: Tensor, normal: Tensor): Tensor => h.add(this.feedForward.forward(normal)); // Eq. 5, right
    const normalised = (h: Tensor): Tensor => this.normFeedForward.forward(h);

    if (this.wraps === 'layer') {
      const both: Branch = (h, normal, ran) => {
        const attended = attend(h, normal, ran); // (Bq, Tq, D)
        return feed(attended, normalised(attended));
      };
      return this.routed(x, z, both, options);
    }
    if (this.wraps === 'attention') {
      const { output: h, route } = this.routed(x, z, attend, options); // (B, T, D)
      return { output: feed(h, normalised(h)), route };
    }
    const h = attend(x, z, everyToken); // (B, T, D)
    return this.routed(h, normalised(h), feed, options);
  }

  /** Eq. 1: the branch for active tokens, the identity for the others. The router reads the normalised input. */
  private routed(
    x: Tensor,
    z: Tensor,
    branch: Branch,
    options: LayerOptions,
  ): { output: Tensor; route: Route | null } {
    if (!this.router || options.forceOpen) return { output: branch(x, z, everyToken), route: null };
    const route = this.router.route(this.detachRouter ? z.detach() : z, options);
    const needsAll = route.readsSkipped && isGradEnabled();
    const execution = options.execution ?? (needsAll ? 'masked' : 'gathered');
    if (execution === 'masked') {
      const y = branch(x, z, { active: route.active, rows: null, needsAll }); // (B, T, D)
      return { output: route.combine(x, y), route };
    }
    if (needsAll) {
      throw new OpError(
        'gathered',
        'the straight-through estimator reads the branch of skipped tokens, so training with it saves nothing; ' +
          "use the estimator 'taken-branch', the masked path, or noGrad(() => …) where no gradient is wanted",
      );
    }
    const { active } = route;
    const rows = new ActiveRows(active, options.start);
    if (rows.count === active.size) {
      return { output: route.combine(x, branch(x, z, everyToken)), route }; // nothing to gather
    }
    if (rows.count === 0 && this.dropSkippedKeys) options.cache?.pass(x.shape[1]);
    const ran: Ran = { active, rows, needsAll };
    const y = rows.count > 0 ? branch(rows.gather(x), rows.gather(z), ran) : null; // (N, 1, D)
    return { output: route.combine(x, y ? rows.scatter(x, y) : x), route };
  }

  /** What tokens of the normalised input z (Bq, Tq, D) attend to; `kept`: keys and values of all, unless some are dropped. */
  private seen(z: Tensor, ran: Ran, kept: KeysAndValues | null, options: LayerOptions): Seen {
    const { active, rows } = ran;
    if (!kept && active) return ranKeys(this.attention, z, { ...ran, active }, options);
    const kv = kept ?? this.keysAndValues(z, options.cache); // (B, H, T, headDim)
    return { kv, places: rows?.places ?? allPlaces(z, options.cache) };
  }

  private keysAndValues(z: Tensor, cache: KeyValueCache | null): KeysAndValues {
    const kv = this.attention.keysAndValues(z);
    return cache ? cache.append(kv) : kv;
  }
}

/** Places of all tokens (B, T) in order, the last that a cache has stored: needed only where others came before them. */
function allPlaces({ shape: [batch, tokens], device }: Tensor, cache: KeyValueCache | null): Places {
  if (!cache || cache.length === tokens) return {};
  const first = cache.stored.map((count) => count - tokens); // (B)
  const positions = first.flatMap((start) => Array.from({ length: tokens }, (_, t) => start + t));
  return { positions: fromTypedArray(Int32Array.from(positions), [batch, tokens], { device }) }; // (B, T)
}

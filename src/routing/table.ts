/**
 * The table of routers: a new one is a file and a row here (and its name in `RouterName`), and nothing else. This is all
 * that gave hopgrad the sigmoid gate, beside compared/sigmoid-router.ts, a module whose `route(z, …)` says who runs and what comes
 * of it:
 *
 *     sigmoid: {
 *       doc: 'a soft sigmoid gate in training, a threshold of ½ in evaluation',
 *       takes: ['density', 'densityFall', 'wraps', 'dropKeys', 'detachRouter', 'routerScale', 'lambda'],
 *       make: ({ dim, random, routerScale }) => new SigmoidRouter(dim, random, routerScale),
 *     },
 *
 * The command line, its help, reports and the tests of models read what stands here.
 */
import type { Random } from '../tensor/random.ts';
import { AlwaysRouter } from './always-router.ts';
import { BinaryRouter } from './binary-router.ts';
import { EarlyExitRouter } from './compared/early-exit-router.ts';
import { HighwayRouter } from './compared/highway-router.ts';
import { MixtureOfDepthsRouter } from './compared/mixture-of-depths-router.ts';
import { SigmoidRouter } from './compared/sigmoid-router.ts';
import { Top1Router } from './compared/top-1-router.ts';
import type { EstimatorName } from './estimators.ts';
import { RandomRouter } from './random-router.ts';
import type { Router } from './router.ts';

/** What a router may need to be made. */
export interface RouterOptions {
  dim: number;
  /** Which layer it routes, from 0. */
  layer: number;
  /** P of this layer. */
  density: number;
  estimator: EstimatorName;
  /** Standard deviation of the initial router weights. */
  routerScale: number;
  /** The confidence at which a token stops. */
  exitThreshold: number;
  random: Random;
  seed: number;
}

/** Settings that not every router has a use for. */
export type Setting =
  | 'density'
  | 'densityFall'
  | 'wraps'
  | 'dropKeys'
  | 'detachRouter'
  | 'estimator'
  | 'routerScale'
  | 'lambda'
  | 'temperature'
  | 'noise'
  | 'exitThreshold';

export interface RouterRow {
  /** One line for --help. */
  doc: string;
  /** The settings it follows; with 'density' it has a target P, with 'lambda' it reaches it through the density loss. */
  takes: readonly Setting[];
  /** What it wraps where nobody says; by default the layer. */
  wraps?: 'feed-forward';
  /** Null: every token runs the layer, the dense transformer. */
  make: ((options: RouterOptions) => Router) | null;
}

type Compared = 'top-1' | 'sigmoid' | 'mixture-of-depths' | 'highway' | 'early-exit';
export type RouterName = 'learned' | 'random' | 'none' | Compared;

export const routers: Readonly<Record<RouterName, RouterRow>> = {
  learned: {
    doc: 'the binary router of the paper',
    takes: [
      'density',
      'densityFall',
      'wraps',
      'dropKeys',
      'detachRouter',
      'estimator',
      'routerScale',
      'lambda',
      'temperature',
      'noise',
    ],
    make: ({ dim, random, estimator, routerScale }) => new BinaryRouter(dim, random, estimator, routerScale),
  },
  random: {
    doc: 'each token runs a layer with probability P, learning nothing: the control',
    takes: ['density', 'densityFall', 'wraps', 'dropKeys'],
    make: ({ density, seed, layer }) => new RandomRouter(density, seed, layer),
  },
  none: { doc: 'no router: the dense transformer', takes: [], make: null },
  'top-1': {
    doc: 'soft top-1 gating: what is chosen is scaled by its probability',
    takes: ['density', 'densityFall', 'wraps', 'dropKeys', 'detachRouter', 'routerScale', 'lambda'],
    make: ({ dim, random, routerScale }) => new Top1Router(dim, random, routerScale),
  },
  sigmoid: {
    doc: 'a soft sigmoid gate in training, a threshold of ½ in evaluation',
    takes: ['density', 'densityFall', 'wraps', 'dropKeys', 'detachRouter', 'routerScale', 'lambda'],
    make: ({ dim, random, routerScale }) => new SigmoidRouter(dim, random, routerScale),
  },
  'mixture-of-depths': {
    doc: 'the P of a text with the largest weights run; a predictor stands in where the text is not yet written',
    takes: ['density', 'densityFall', 'wraps', 'dropKeys', 'detachRouter', 'routerScale'],
    make: ({ dim, random, routerScale, density }) =>
      new MixtureOfDepthsRouter(dim, random, routerScale, density),
  },
  highway: {
    doc: "a learned gate in place of the feed-forward's residual; nothing is skipped",
    takes: ['wraps', 'routerScale'],
    wraps: 'feed-forward',
    make: ({ dim, random, routerScale }) => new HighwayRouter(dim, random, routerScale),
  },
  'early-exit': {
    doc: 'a token stops after the first layer at which it is sure enough of what comes next; all exits are trained',
    takes: ['exitThreshold'],
    make: ({ layer, exitThreshold }) => new EarlyExitRouter(layer, exitThreshold),
  },
};

/** A router by name; null for 'none'. A layer with P = 1 needs none of any kind: it always runs. */
export function makeRouter(name: RouterName, options: RouterOptions): Router | null {
  const { make, takes } = routers[name];
  if (takes.includes('density') && options.density === 1) return new AlwaysRouter();
  return make?.(options) ?? null;
}

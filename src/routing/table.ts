/** The table of routers: a new one is a file and a row here. The command line offers what stands in it. */
import type { Random } from '../tensor/random.ts';
import { BinaryRouter } from './binary-router.ts';
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
  random: Random;
  seed: number;
}

export interface RouterRow {
  /** One line for --help. */
  doc: string;
  /** Whether it learns, and so needs the density loss. */
  learns: boolean;
  /** Null: every token runs the layer, the dense transformer. */
  make: ((options: RouterOptions) => Router) | null;
}

export const routers: Record<'learned' | 'random' | 'none', RouterRow> = {
  learned: {
    doc: 'the binary router of the paper',
    learns: true,
    make: ({ dim, random, estimator, routerScale }) => new BinaryRouter(dim, random, estimator, routerScale),
  },
  random: {
    doc: 'each token runs a layer with probability P, learning nothing: the control',
    learns: false,
    make: ({ density, seed, layer }) => new RandomRouter(density, seed, layer),
  },
  none: { doc: 'no router: the dense transformer', learns: false, make: null },
};

export type RouterName = keyof typeof routers;

/** A router by name; null for 'none'. */
export function makeRouter(name: RouterName, options: RouterOptions): Router | null {
  const row: RouterRow = routers[name];
  return row.make ? row.make(options) : null;
}

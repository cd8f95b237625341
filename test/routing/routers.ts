/** What tests of single routers share. */
import { Random, randn, type Tensor } from '../../src/index.ts';
import type { RouteOptions } from '../../src/routing/router.ts';

export const f64 = { dtype: 'float64', requiresGrad: true } as const;

/** Training without noise, from position 0, every token counted. */
export const options: RouteOptions = {
  random: null,
  temperature: 1,
  noiseScale: 1,
  densityProgress: 1,
  start: 0,
  valid: null,
  exitLogits: () => {
    throw new Error('a router on its own has no exits');
  },
};

/** Tokens z, a layer's input x and its branch's result y: (2, 3, 4), float64. */
export function someTokens(seed: number): { z: Tensor; x: Tensor; y: Tensor } {
  const random = new Random(seed).fork('tokens');
  const [z, x, y] = ['z', 'x', 'y'].map((name) => randn([2, 3, 4], random.fork(name), f64));
  return { z, x, y };
}

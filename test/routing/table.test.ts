/** The table that the command line and the model choose from. */
import { describe, expect, test } from 'vitest';
import { gradients, Random, randn } from '../../src/index.ts';
import { AlwaysRouter } from '../../src/routing/always-router.ts';
import { BinaryRouter } from '../../src/routing/binary-router.ts';
import { RandomRouter } from '../../src/routing/random-router.ts';
import type { RouteOptions, Router } from '../../src/routing/router.ts';
import {
  makeRouter,
  type RouterName,
  type RouterOptions,
  routers,
  type Setting,
} from '../../src/routing/table.ts';
import { options as alone } from './routers.ts';

const made = (change: Partial<RouterOptions> = {}): RouterOptions => ({
  dim: 64,
  layer: 1,
  density: 0.25,
  estimator: 'straight-through',
  routerScale: 0.5,
  exitThreshold: 0.5,
  random: new Random(3),
  seed: 7,
  ...change,
});

test('names the learned router, its control, the dense model and what they are compared with', () => {
  expect(Object.keys(routers)).toEqual([
    ...['learned', 'random', 'none'],
    ...['top-1', 'sigmoid', 'mixture-of-depths', 'highway', 'early-exit'],
  ]);
  expect(makeRouter('none', made())).toBeNull();
  expect(routers.none.takes).toEqual([]);
});

test('learned: W_G (2, D) of the given scale and no bias, from the given randomness, with the given estimator', () => {
  const router = makeRouter('learned', made()) as BinaryRouter;
  expect(router).toBeInstanceOf(BinaryRouter);
  expect(router.estimator).toBe('straight-through');
  expect(router.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
    ['gate.weight', [2, 64]],
  ]);
  const spread = router.gate.weight.variance().sqrt().item();
  expect(Math.abs(spread / 0.5 - 1)).toBeLessThan(0.2);
  const again = makeRouter('learned', made()) as BinaryRouter;
  expect(again.gate.weight.toArray()).toEqual(router.gate.weight.toArray());
});

test('random: the density, the seed and the layer decide, and a seed means the same gates in every version', () => {
  const gates = (change: Partial<RouterOptions>): string => {
    const router = makeRouter('random', made(change)) as RandomRouter;
    expect(router).toBeInstanceOf(RandomRouter);
    const z = randn([2, 16, 4], new Random(0));
    return router.eval().route(z, alone).active.toTypedArray().join('');
  };
  expect(gates({})).toBe(gates({}));
  for (const change of [{ density: 0.75 }, { seed: 8 }, { layer: 2 }])
    expect(gates(change)).not.toBe(gates({}));
  expect(gates({})).toMatchInlineSnapshot(`"00000001000000101000000100000000"`);
});

test('a layer with P = 1 has no router to learn: it runs for every token, and says so to all who count', () => {
  for (const name of Object.keys(routers) as RouterName[]) {
    const router = makeRouter(name, made({ density: 1 }));
    if (!routers[name].takes.includes('density')) {
      expect(router).not.toBeInstanceOf(AlwaysRouter);
      continue;
    }
    expect(router?.parameters()).toEqual([]);
    const tokens = randn([2, 3, 4], new Random(2), { requiresGrad: true });
    const route = (router as Router).route(tokens, alone);
    expect(route.active.toTypedArray()).toEqual(new Uint8Array(6).fill(1));
    expect(route.density.item()).toBe(1);
    const y = tokens.mul(2);
    expect(route.combine(tokens, y).toArray()).toEqual(y.toArray());
  }
});

const routing = (Object.keys(routers) as RouterName[]).filter((name) => routers[name].make !== null);
const z = randn([2, 16, 64], new Random(1));
const options: RouteOptions = { ...alone, exitLogits: () => z }; // as good as any logits

describe.each(routing)('%s', (name) => {
  test('says when it is causal', () => {
    const { causal } = makeRouter(name, made()) as Router;
    expect(['always', 'inference']).toContain(causal);
  });

  /** What a step of training sees of a router: who runs, what comes of it, and its gradients. */
  const step = (change: Partial<RouterOptions>, asked: Partial<RouteOptions>): string => {
    const router = makeRouter(name, made(change)) as Router;
    const route = router.route(z, { ...options, random: new Random(5), ...asked });
    const output = route.combine(z, z.add(1));
    const parameters = router.parameters();
    const slopes =
      parameters.length > 0 && output.requiresGrad ? gradients(output.sum(), parameters.slice(0, 1)) : [];
    return JSON.stringify([route.active, output, ...slopes].map((x) => x.toArray()));
  };

  test.each<[Setting, Partial<RouterOptions>, Partial<RouteOptions>]>([
    ['density', { density: 0.75 }, {}],
    ['estimator', { estimator: 'taken-branch' }, {}],
    ['routerScale', { routerScale: 0.7 }, {}],
    ['temperature', {}, { temperature: 2 }],
    ['noise', {}, { noiseScale: 0 }],
    ['densityFall', {}, { densityProgress: 0.1 }],
  ])('heeds %s if and only if it takes it', (setting, change, asked) => {
    const { takes } = routers[name];
    // Where there is a density loss, P is its business.
    const ofDensity = setting === 'density' || setting === 'densityFall';
    const heeds = takes.includes(setting) && !(ofDensity && takes.includes('lambda'));
    expect(step(change, asked) === step({}, {})).toBe(!heeds);
  });

  test('reaches its density through the density loss if it takes lambda', () => {
    const { density } = (makeRouter(name, made()) as Router).route(z, options);
    expect(density.requiresGrad).toBe(routers[name].takes.includes('lambda'));
  });
});

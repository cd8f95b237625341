/** The control: tokens run a layer by chance alone. */
import { expect, test } from 'vitest';
import { Random, randn, type Tensor } from '../../src/index.ts';
import { RandomRouter } from '../../src/routing/random-router.ts';
import { chiSquare, chiSquareLimit } from './chi-square.ts';
import { options } from './routers.ts';

const z = randn([8, 2000, 2], new Random(0));

test.each([0.1, 0.3, 0.9])('runs tokens at its density of %d, in training and evaluation', (density) => {
  const router = new RandomRouter(density, 0, 0);
  for (const active of [
    router.route(z, { ...options, random: new Random(1) }).active,
    router.eval().route(z, options).active,
  ]) {
    const ran = active.to('float64').sum().item();
    const found = [ran, 16_000 - ran];
    expect(chiSquare(found, [16_000 * density, 16_000 * (1 - density)])).toBeLessThan(chiSquareLimit(1));
  }
});

test('draws anew from step to step, and the same for the same step', () => {
  const router = new RandomRouter(0.3, 0, 0);
  const draw = (seed: number): Tensor => router.route(z, { ...options, random: new Random(seed) }).active;
  expect(draw(1).toArray()).toEqual(draw(1).toArray());
  expect(draw(1).toArray()).not.toEqual(draw(2).toArray());
});

test('draws independently in two layers, in evaluation too', () => {
  const [a, b] = [0, 1].map((layer) =>
    new RandomRouter(0.5, 0, layer).eval().route(z, options).active.toTypedArray(),
  );
  const pairs = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) pairs[2 * a[i] + b[i]]++;
  expect(chiSquare(pairs, [4000, 4000, 4000, 4000])).toBeLessThan(chiSquareLimit(3)); // shared draws: two pairs only
});

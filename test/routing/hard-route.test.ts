/** What routers answer where no gradient is wanted: the same choice, without what only gradients need. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flopsSoFar, noGrad, Random, randn, type Tensor, tensor } from '../../src/index.ts';
import { BinaryRouter } from '../../src/routing/binary-router.ts';
import { hardRoute } from '../../src/routing/hard-route.ts';
import { RandomRouter } from '../../src/routing/random-router.ts';
import type { Route, Router } from '../../src/routing/router.ts';
import { estimatorNames, holdsFor, sameBits } from '../model/models.ts';
import { options } from './routers.ts';

const makers: Record<string, () => Router> = {
  ...Object.fromEntries(
    estimatorNames.map((name) => [name, () => new BinaryRouter(3, new Random(1), name, 1)]),
  ),
  random: () => new RandomRouter(0.4, 2, 0),
};

test.each(Object.keys(makers))('%s decides without gradients, to the last bit, as with them', (name) => {
  const example = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    tokens: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(1000),
    training: fc.boolean(),
    padded: fc.boolean(),
  });
  holdsFor(name, example, ({ batch, tokens, seed, training, padded }) => {
    const random = new Random(seed).fork('tokens');
    const [z, x, y] = [0, 1, 2].map(() => randn([batch, tokens, 3], random));
    const valid = padded ? randn([batch, tokens, 1], random).gt(0) : null;
    const router = makers[name]().train(training) as Router;
    const results = (): Tensor[] => {
      const route = router.route(z, { ...options, random: new Random(seed), valid });
      return [route.active, route.density, route.combine(x, y)];
    };
    const found = noGrad(results);
    results().forEach((expected, i) => {
      expect(sameBits(found[i].toTypedArray(), expected.toTypedArray())).toBe(true);
    });
  });
});

test('a learned router that learns nothing from the answer runs its product and the choice alone', () => {
  const router = new BinaryRouter(3, new Random(1), 'taken-branch').eval();
  const z = randn([1, 4, 3], new Random(2));
  const before = flopsSoFar();
  const { active } = noGrad(() => router.route(z, options));
  active.toTypedArray();
  expect(flopsSoFar() - before).toBe(4 * 2 * (2 * 3) + 4); // (4, 3) · (3, 2), and a comparison a token
});

test('the density is counted once, when it is asked for', () => {
  const active = tensor([[[true], [false], [true], [true]]]); // (1, 4, 1)
  const before = flopsSoFar();
  const route: Route = hardRoute(active, null, 'float32');
  expect(flopsSoFar() - before).toBe(0);
  expect(route.density.item()).toBe(0.75);
  const once = flopsSoFar();
  expect(route.density.item()).toBe(0.75);
  expect(flopsSoFar()).toBe(once);
});

test('many routes leave nothing behind that only a full garbage collection frees', () => {
  const [a, b] = [0, 1].map(() => hardRoute(tensor([[[true]]]), null, 'float32'));
  expect(Object.getPrototypeOf(a)).toBe(Object.getPrototypeOf(b));
  expect(Object.getOwnPropertyDescriptor(a, 'density')).toBeUndefined(); // no getter of its own
});

/** A router that reads a copy of the tokens: it learns as before, and its gradient goes no further. */
import { expect, test } from 'vitest';
import { gradients, Random, randn, type Tensor } from '../../src/index.ts';
import { SkipLayer } from '../../src/model/skip-layer.ts';
import type { Route } from '../../src/routing/router.ts';
import { layerOptions, someConfig } from './models.ts';

/** Gradients of r, the density, for a layer's input and its router's weights. */
function slopes(detachRouter: boolean): Tensor[] {
  const config = someConfig({
    router: 'learned',
    layers: 1,
    wraps: 'layer',
    dropSkippedKeys: false,
    detachRouter,
  });
  const layer = new SkipLayer(config, 0, new Random(1));
  const x = randn([2, 4, config.dim], new Random(2), { requiresGrad: true });
  const { route } = layer.forward(x, { ...layerOptions, execution: 'masked' });
  const weights = layer.router?.parameters() ?? [];
  return gradients((route as Route).density.add(x.sum().mul(0)), [x, ...weights]);
}

test('the density reaches the router whether it is detached or not, and the layers below only if it is not', () => {
  const [toInput, toRouter] = slopes(false).map((slope) => slope.toArray());
  const [none, same] = slopes(true).map((slope) => slope.toArray());
  expect(same).toEqual(toRouter);
  expect((none as number[][][]).flat(2).every((slope) => slope === 0)).toBe(true);
  expect((toInput as number[][][]).flat(2).some((slope) => slope !== 0)).toBe(true);
});

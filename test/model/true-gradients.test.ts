/** A router with no estimator has the true gradient of the model's loss: finite differences of all of it agree. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import { gradients, Random, randn } from '../../src/index.ts';
import { routers } from '../../src/routing/table.ts';
import { anyConfig, anyRows, float64Model, holdsFor, idsOf, routerNames } from './models.ts';

const withoutEstimator = routerNames.filter((name) => !routers[name].takes.includes('estimator'));

test.each(withoutEstimator)('%s, along a random direction of all parameters', (router) => {
  const example = fc.record({
    config: anyConfig({ router, detachRouter: false }), // a detached router's is not true
    rows: anyRows(),
    training: fc.boolean(),
    seed: fc.nat(1000),
  });
  holdsFor(router, example, ({ config, rows, training, seed }) => {
    const model = float64Model(config).train(training);
    const ids = idsOf(rows);
    const loss = () => nextTokenLoss(model.forward(ids).logits, ids.reshape([ids.size]));
    const parameters = model.parameters();
    const random = new Random(seed);
    const ways = parameters.map(({ shape }, i) => randn(shape, random.fork(i), { dtype: 'float64' }));
    const slopes = gradients(loss(), parameters).map((slope, i) => slope.mul(ways[i]).sum().item());
    const starts = parameters.map((parameter) => parameter.mul(1).detach().contiguous());
    const at = (step: number): number => {
      parameters.forEach((parameter, i) => parameter.assign(starts[i].add(ways[i].mul(step))));
      return loss().item();
    };
    const [slope, h] = [slopes.reduce((sum, one) => sum + one, 0), 1e-6]; // so small that no decision turns over
    const difference = (step: number): number => (at(step) - at(-step)) / (2 * step);
    // Norms over a few numbers may bend sharply: two steps, so that the third derivative drops out.
    const expected = (4 * difference(h / 2) - difference(h)) / 3;
    expect(Math.abs(expected - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(slope)));
  });
});

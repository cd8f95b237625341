/** A router with no estimator has the true gradient of the model's loss: finite differences of all of it agree. */
import fc from 'fast-check';
import { test } from 'vitest';
import { nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import { routers } from '../../src/routing/table.ts';
import {
  anyConfig,
  anyRows,
  expectTrueGradient,
  float64Model,
  holdsFor,
  idsOf,
  routerNames,
} from './models.ts';

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
    expectTrueGradient(model, loss, seed);
  });
});

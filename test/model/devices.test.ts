/** A model lives on one device: everything it makes on the way is there, in training, evaluation and generation. */
import { afterAll, expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import type { Device } from '../../src/device/device.ts';
import { addDevice, useDevice } from '../../src/device/use-device.ts';
import { Random } from '../../src/index.ts';
import { generate } from '../../src/model/generate.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import {
  estimatorNames,
  executions,
  gathers,
  idsOf,
  routerNames,
  someConfig,
  trainingLoss,
} from './models.ts';

const elsewhere: Device = { ...cpu, name: 'elsewhere' };
addDevice('elsewhere', async () => elsewhere);
await useDevice('elsewhere');
const there = { model: makeModels(), ids: idsOf([[1, 2, 3, 4], [5, 6, 7, 8]]) }; // biome-ignore format: a batch
await useDevice('cpu'); // what does not follow the model would be made here, and refused
afterAll(() => useDevice('cpu'));

function makeModels(): SkipTransformer[] {
  return routerNames.flatMap((router) =>
    estimatorNames.map((estimator) => new SkipTransformer(someConfig({ router, estimator, wraps: 'layer' }))),
  );
}

test.each(there.model.map((model) => [model.config.router, model.config.estimator, model] as const))(
  '%s, %s',
  (_router, _estimator, model) => {
    for (const execution of executions) {
      if (execution === 'gathered' && !gathers(model.config)) continue;
      model.train();
      const result = model.forward(there.ids, { random: new Random(1), execution });
      const { logits, routes } = result;
      trainingLoss(result, there.ids).backward();
      const made = [logits, ...routes.flatMap(({ active, density }) => [active, density])];
      const slopes = model.parameters().flatMap(({ grad }) => (grad ? [grad] : []));
      expect(slopes.length).toBeGreaterThan(10);
      expect(new Set([...made, ...slopes].map(({ device }) => device))).toEqual(new Set([elsewhere]));
      for (const parameter of model.parameters()) parameter.grad = null;
    }
    expect([...generate(model, [1, 2], { tokens: 3 })]).toHaveLength(5);
  },
);

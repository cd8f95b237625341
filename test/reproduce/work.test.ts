import '../../src/assemble.ts';
import { expect, test } from 'vitest';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { grid, makeCell } from '../../src/reproduce/grid.ts';
import { flopsPerToken, trainingShare, workOf } from '../../src/reproduce/work.ts';
import { zeros } from '../../src/tensor/create.ts';

const place = { layers: 6, density: 0.5, seed: 0, steps: 100 };

test('FLOPs are about those of a model, and so the shares of what runs', () => {
  for (const { config } of grid({ seeds: 1 }).filter(({ model }) => ['dense', 'random'].includes(model))) {
    const model = new SkipTransformer({ ...config.model, vocabularySize: 84 }).eval();
    const { executed } = model.forward(zeros([1, 96], { dtype: 'int32' })).flops;
    const ratio = flopsPerToken(config, false) / executed;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
  }
});

test('a straight-through gradient costs what the dense model costs', () => {
  const of = (model: 'dense' | 'learned-a' | 'learned-b'): number =>
    workOf(makeCell(model, { ...place, steps: 1e6 }), 1);
  expect(of('learned-a') / of('dense')).toBeCloseTo(1, 2);
  expect(of('learned-b') / of('dense')).toBeLessThan(0.7);
});

test('the longer the training, the larger its share', () => {
  const share = (steps: number): number => trainingShare(makeCell('random', { ...place, steps }), 200);
  expect(share(1)).toBeGreaterThan(0);
  expect(share(100)).toBeGreaterThan(share(10));
  expect(share(1e6)).toBeGreaterThan(0.99);
  expect(share(1e6)).toBeLessThan(1);
});

/** Soft top-1 gating (paper Eq. 4): the value of what was chosen stands in the forward, and gradients are true. */
import { expect, test } from 'vitest';
import { gradcheck, Random, randn, type Tensor, tensor } from '../../../src/index.ts';
import { Top1Router } from '../../../src/routing/compared/top-1-router.ts';
import { f64, options, someTokens } from '../routers.ts';

test('is g₁ y where running is likelier and g₀ x elsewhere, in training and evaluation', () => {
  const router = new Top1Router(2, new Random(0), 1);
  router.gate.weight = tensor([[1, 0], [0, 1]], f64); // biome-ignore format: a matrix; the logits are z
  const z = tensor([[[Math.log(3), 0], [0, Math.log(4)], [1, 1]]], f64); // biome-ignore format: tokens
  const x = tensor([[[10, 20], [30, 40], [50, 60]]], f64); // biome-ignore format: tokens
  for (const training of [true, false]) {
    const { active, combine, density } = router.train(training).route(z, options);
    expect(active.toArray()).toEqual([[[0], [1], [0]]]);
    expect(density.item()).toBeCloseTo(1 / 3, 12);
    const expected = [0.75 * 10, 0.75 * 20, 0.8 * 300, 0.8 * 400, 0.5 * 50, 0.5 * 60];
    combine(x, x.mul(10))
      .toTypedArray()
      .forEach((value: number, i: number) => expect(value).toBeCloseTo(expected[i], 12));
  }
});

test('has the gradients of finite differences for W_G, z, x and y', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { z, x, y } = someTokens(seed);
    const router = new Top1Router(4, new Random(seed), 1);
    const output = (weight: Tensor, ...[tokens, input, result]: Tensor[]): Tensor => {
      router.gate.weight = weight;
      return router.route(tokens, options).combine(input, result);
    };
    const weight = randn([2, 4], new Random(seed), f64);
    const report = gradcheck(output, [weight, z, x, y], { name: `seed ${seed}` });
    expect(report.passed, report.message).toBe(true);
  }
});

/** The highway gate: T · F(x) + (1 − T) · x, where F(x) is the branch without its residual. */
import { expect, test } from 'vitest';
import { gradcheck, Random, randn, type Tensor, tensor } from '../../../src/index.ts';
import { HighwayRouter } from '../../../src/routing/compared/highway-router.ts';
import { f64, options, someTokens } from '../routers.ts';

test('gates each number of a token by itself, and starts with b = −1', () => {
  const router = new HighwayRouter(2, new Random(0), 0.5);
  expect(router.gate.bias?.toArray()).toEqual([-1, -1]);
  router.gate.weight = tensor([[1, 0], [0, 1]], f64); // biome-ignore format: a matrix
  router.gate.bias = tensor([0, 0], f64);
  const z = tensor([[[Math.log(3), -Math.log(4)]]], f64); // T = ¾ and ⅕
  for (const training of [true, false]) {
    const { active, combine, density } = router.train(training).route(z, options);
    // F = y − x = (4, 10).
    const output = combine(tensor([[[100, 200]]], f64), tensor([[[104, 210]]], f64)).toTypedArray();
    expect(output[0]).toBeCloseTo(0.75 * 4 + 0.25 * 100, 12);
    expect(output[1]).toBeCloseTo(0.2 * 10 + 0.8 * 200, 12);
    expect([active.toArray(), density.item()]).toEqual([[[[1]]], 1]);
  }
});

test('has the gradients of finite differences for W_T, b_T, z, x and y', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { z, x, y } = someTokens(seed);
    const router = new HighwayRouter(4, new Random(seed), 1);
    const output = (weight: Tensor, bias: Tensor, ...[tokens, input, result]: Tensor[]): Tensor => {
      router.gate.weight = weight;
      router.gate.bias = bias;
      return router.route(tokens, options).combine(input, result);
    };
    const [weight, bias] = [randn([4, 4], new Random(seed), f64), randn([4], new Random(seed + 1), f64)];
    const report = gradcheck(output, [weight, bias, z, x, y], { name: `seed ${seed}` });
    expect(report.passed, report.message).toBe(true);
  }
});

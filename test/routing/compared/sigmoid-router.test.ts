/** The sigmoid gate: a mixture in training, a threshold in evaluation. */
import { expect, test } from 'vitest';
import { gradcheck, gradients, Random, randn, type Tensor, tensor } from '../../../src/index.ts';
import { SigmoidRouter } from '../../../src/routing/compared/sigmoid-router.ts';
import { sameBits } from '../../model/models.ts';
import { f64, options, someTokens } from '../routers.ts';

const logits = [Math.log(3), -Math.log(4), 0];
/** A router whose logits are its tokens, and three of them. */
function known(): { router: SigmoidRouter; z: Tensor; x: Tensor; y: Tensor } {
  const router = new SigmoidRouter(1, new Random(0), 1);
  router.gate.weight = tensor([[1]], f64);
  const [z, x] = [logits, [10, 20, 30]].map((values) => tensor([values.map((value) => [value])], f64));
  return { router, z, x, y: x.mul(2) };
}

test('in training runs every token and mixes, g y + (1 − g) x', () => {
  const { router, z, x, y } = known();
  const { active, combine } = router.route(z, options);
  expect(active.toArray()).toEqual([[[1], [1], [1]]]);
  const output: ArrayLike<number> = combine(x, y).toTypedArray();
  [17.5, 24, 45].forEach((value, i) => expect(output[i]).toBeCloseTo(value, 12));
});

test('in evaluation runs the tokens above ½, unmixed, and skips the others with their bits', () => {
  const { router, z, x, y } = known();
  const { active, combine } = router.eval().route(z, options);
  expect(active.toArray()).toEqual([[[1], [0], [0]]]);
  expect(sameBits(combine(x, y).toTypedArray(), [20, 20, 30])).toBe(true);
});

test('counts the tokens above ½ for the density loss, with the gradient of g, in training too', () => {
  const { router, z } = known();
  for (const training of [true, false]) {
    const { density } = router.train(training).route(z, options);
    expect(density.item()).toBeCloseTo(1 / 3, 12);
    const slopes: ArrayLike<number> = gradients(density, [z])[0].toTypedArray();
    logits.forEach((logit, i) => {
      const g = 1 / (1 + Math.exp(-logit));
      expect(slopes[i]).toBeCloseTo((g * (1 - g)) / 3, 12);
    });
  }
});

test('has the gradients of finite differences for w, z, x and y in training', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { z, x, y } = someTokens(seed);
    const router = new SigmoidRouter(4, new Random(seed), 1);
    const output = (weight: Tensor, ...[tokens, input, result]: Tensor[]): Tensor => {
      router.gate.weight = weight;
      return router.route(tokens, options).combine(input, result);
    };
    const weight = randn([1, 4], new Random(seed), f64);
    const report = gradcheck(output, [weight, z, x, y], { name: `seed ${seed}` });
    expect(report.passed, report.message).toBe(true);
  }
});

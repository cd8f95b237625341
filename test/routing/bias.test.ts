/**
 * The gradient of the expected loss, known exactly because a tiny model's outcomes can all be listed, beside what the
 * estimators say. docs/experiments/estimators.mjs measures the same at length.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compare,
  draw,
  enumerate,
  everyOutcome,
  scoreFunction,
} from '../../docs/experiments/enumerate-outcomes.mjs';
import { nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import * as hopgrad from '../../src/index.ts';
import { defaultModel } from '../../src/model/config.ts';
import type { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { BinaryRouter } from '../../src/routing/binary-router.ts';
import type { EstimatorName } from '../../src/routing/estimators.ts';
import { estimatorNames, float64Model, holdsFor } from '../model/models.ts';
import { patternNumber, ToldRouter } from '../model/told-router.ts';
import { chiSquare, chiSquareLimit } from './chi-square.ts';

const { fromTypedArray, gradients, Random, zeros } = hopgrad;
const lambda = 0.1;
const text = { ids: Int32Array.of(1, 4, 2), targets: Int32Array.of(4, 2, 2) };
const outcomes = 64; // 2 layers, 3 tokens

/** Routers that start wide: the outcomes' probabilities differ, and depend on what the gates before them did. */
function tinyModel(seed = 0, estimator: EstimatorName = 'taken-branch'): SkipTransformer {
  return float64Model({
    ...defaultModel,
    vocabularySize: 5,
    context: 3,
    layers: 2,
    dim: 4,
    heads: 2,
    feedForward: 2,
    embeddingScale: 1,
    routerScale: 0.3,
    estimator,
    seed,
  });
}

function gatesOf(model: SkipTransformer): hopgrad.Linear[] {
  return model.layers.map(({ router }) => (router as BinaryRouter).gate);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Largest difference between two lists. */
function apart(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])));
}

describe('the enumeration', () => {
  test('lists every outcome once, with probabilities that add up to 1', () => {
    const { probabilities } = enumerate(hopgrad, tinyModel(), text, lambda);
    expect(new Set(everyOutcome(6).map(String)).size).toBe(outcomes);
    expect(probabilities).toHaveLength(outcomes);
    expect(total(probabilities)).toBeCloseTo(1, 13);
  });

  test('has the gradient that finite differences of the expected loss have', () => {
    holdsFor(
      'finite differences',
      fc.nat(1000),
      (seed) => {
        const model = tinyModel(seed);
        const { gradient } = enumerate(hopgrad, model, text, lambda);
        const [step, size] = [1e-5, 8];
        gatesOf(model).forEach(({ weight }, layer) => {
          const values = Float64Array.from(weight.toTypedArray());
          const expectedLoss = (i: number, by: number): number => {
            weight.assign(fromTypedArray(values.with(i, values[i] + by), weight.shape));
            return enumerate(hopgrad, model, text, lambda).expectedLoss;
          };
          const slopes = [...values.keys()].map(
            (i) => (expectedLoss(i, step) - expectedLoss(i, -step)) / (2 * step),
          );
          weight.assign(fromTypedArray(values, weight.shape));
          expect(apart(slopes, gradient.slice(layer * size, (layer + 1) * size))).toBeLessThan(1e-9);
        });
      },
      3,
    );
  });

  test('has the loss of the model itself, whose gates are drawn with the listed probabilities', () => {
    const model = tinyModel(8);
    const { probabilities, losses } = enumerate(hopgrad, model, text, lambda);
    const counts = new Array<number>(outcomes).fill(0);
    for (let i = 0; i < 20; i++) {
      const drawn = draw(hopgrad, model, text, {
        lambda,
        temperature: 2,
        random: new Random(i),
        draws: 1000,
      });
      for (const outcome of drawn.outcomes) counts[outcome]++;
      // The first draw of a batch has the noise of a batch of one: here the model runs as it does in training.
      const { loss } = trainingLoss(model, 2, i);
      expect(loss.item()).toBeCloseTo(losses[drawn.outcomes[0]], 12);
    }
    const expected = probabilities.map((p) => 20_000 * p);
    expect(Math.min(...expected)).toBeGreaterThan(5);
    expect(chiSquare(counts, expected)).toBeLessThan(chiSquareLimit(outcomes - 1));
  });

  test('leaves the model as it was', () => {
    const model = tinyModel();
    const before = gatesOf(model).map((gate) => gate.weight);
    enumerate(hopgrad, model, text, lambda);
    draw(hopgrad, model, text, { lambda, temperature: 1, random: new Random(0), draws: 2 });
    gatesOf(model).forEach((gate, layer) => expect(gate.weight).toBe(before[layer]));
    for (const { router } of model.layers) expect(router?.route).toBe(BinaryRouter.prototype.route);
  });
});

/** The training loss of one text, as the trainer has it, and its parts. */
function trainingLoss(
  model: SkipTransformer,
  temperature: number,
  seed: number,
): Record<'loss' | 'nll', hopgrad.Tensor> {
  const options = { random: new Random(seed), temperature };
  const { logits, densityLoss } = model.forward(fromTypedArray(text.ids, [1, 3]), options);
  const nll = nextTokenLoss(logits, fromTypedArray(text.targets, [3]));
  return { nll, loss: nll.add(densityLoss?.mul(lambda) ?? 0) };
}

describe('a draw', () => {
  test.each(estimatorNames)(
    'answers with the gradient that training with the %s estimator follows',
    (estimator) => {
      const temperatures = fc.double({ min: 0.2, max: 4, noNaN: true });
      const example = fc.record({ weights: fc.nat(1000), temperature: temperatures, seed: fc.nat(1000) });
      holdsFor(estimator, example, ({ weights: weightSeed, temperature, seed }) => {
        const model = tinyModel(weightSeed, estimator);
        const drawn = draw(hopgrad, model, text, { lambda, temperature, random: new Random(seed), draws: 3 });
        const weights = gatesOf(model).map((gate) => gate.weight);
        const found = gradients(trainingLoss(model, temperature, seed).loss, weights);
        const numbers = found.flatMap((gradient) => [...gradient.toTypedArray()]);
        expect(apart(numbers, drawn.gradients[0])).toBeLessThan(
          1e-12 * Math.max(1, ...numbers.map(Math.abs)),
        );
      });
    },
  );
});

describe('the score function', () => {
  test('has the exact gradient as its mean, whatever the baseline', () => {
    const example = fc.record({ seed: fc.nat(1000), baseline: fc.double({ min: -5, max: 5, noNaN: true }) });
    holdsFor('unbiased', example, ({ seed, baseline }) => {
      const listed = enumerate(hopgrad, tinyModel(seed), text, lambda);
      const answers = scoreFunction(listed, baseline);
      const mean = listed.gradient.map((_, i) =>
        total(answers.map((answer, outcome) => listed.probabilities[outcome] * answer[i])),
      );
      expect(apart(mean, listed.gradient)).toBeLessThan(1e-12);
      expect(compare(answers, listed.gradient, listed.probabilities).relativeBias).toBeLessThan(1e-10);
    });
  });

  test('varies less with the expected loss as baseline', () => {
    const listed = enumerate(hopgrad, tinyModel(), text, lambda);
    const [without, with_] = [0, listed.expectedLoss].map(
      (baseline) =>
        compare(scoreFunction(listed, baseline), listed.gradient, listed.probabilities).relativeVariance,
    );
    expect(with_).toBeLessThan(without / 5);
  });
});

/**
 * A told router whose tokens have a given slope ds₁/d(l₁ − l₀). An estimator's answer is linear in the slope of each
 * token, and given the decisions the tokens' noises are independent: with every slope at its mean given the decision,
 * the answer is the mean answer.
 */
class MeanSlopeRouter extends ToldRouter {
  temperature = 1;

  protected override running(gap: hopgrad.Tensor, active: hopgrad.Tensor): hopgrad.Tensor {
    const gaps = gap.toTypedArray();
    const ran = active.toTypedArray();
    const slopes = Float64Array.from(gaps, (value, token) =>
      meanSlope(value, ran[token] === 1, this.temperature),
    );
    return gap.mul(fromTypedArray(slopes, gap.shape)); // its value is read by nobody
  }
}

/**
 * The mean of s₁ s₀ / τ given the decision. Two Gumbel noises differ by a logistic one, log(u / (1 − u)) with u
 * uniform, and a token runs where u > 1 − σ(gap): the midpoint rule over that range, or the rest.
 */
function meanSlope(gap: number, active: boolean, temperature: number): number {
  const border = 1 / (1 + Math.exp(gap));
  const [from, width] = active ? [border, 1 - border] : [0, border];
  const points = 1000;
  let sum = 0;
  for (let i = 0; i < points; i++) {
    const u = from + (width * (i + 0.5)) / points;
    const s1 = 1 / (1 + Math.exp(-(gap + Math.log(u / (1 - u))) / temperature));
    sum += (s1 * (1 - s1)) / temperature;
  }
  return sum / points;
}

/** E[g]: the sum over outcomes of probability times the mean answer given the outcome. */
function meanAnswer(model: SkipTransformer, temperature: number): number[] {
  const { probabilities } = enumerate(hopgrad, model, text, lambda);
  const routers = model.layers.map(({ router }) => router as BinaryRouter);
  const weights = routers.map(({ gate }) => gate.weight);
  const mean = weights.map((weight) => zeros(weight.shape, { dtype: 'float64' }));
  probabilities.forEach((p, outcome) => {
    const decide = patternNumber(outcome, 3);
    routers.forEach(({ gate, estimator }, layer) => {
      const told = new MeanSlopeRouter(4, estimator, (_, position) => decide(layer, position));
      told.gate = gate;
      told.temperature = temperature;
      model.layers[layer].router = told;
    });
    gradients(trainingLoss(model, temperature, 0).loss, weights).forEach((gradient, layer) => {
      mean[layer] = mean[layer].add(gradient.mul(p));
    });
  });
  model.layers.forEach((layer, i) => {
    layer.router = routers[i];
  });
  return mean.flatMap((gradient) => [...gradient.toTypedArray()]);
}

/** The answers to 8,000 draws. */
function manyAnswers(
  model: SkipTransformer,
  temperature: number,
): { gradients: number[][]; outcomes: number[] } {
  const parts = Array.from({ length: 16 }, (_, i) =>
    draw(hopgrad, model, text, { lambda, temperature, random: new Random(5).fork(i), draws: 500 }),
  );
  return {
    gradients: parts.flatMap((part) => part.gradients),
    outcomes: parts.flatMap((part) => part.outcomes),
  };
}

/** How far the mean of answers is from a vector, in standard errors: about 1 if that is their expectation. */
function standardErrorsFrom(vector: readonly number[], answers: readonly number[][]): number {
  const { relativeBias, relativeVariance } = compare(answers, vector);
  return relativeBias / Math.sqrt(relativeVariance / answers.length);
}

describe('in 8,000 draws', () => {
  test.each(
    estimatorNames.flatMap((name) =>
      [0.5, 1, 2].map((temperature): [EstimatorName, number] => [name, temperature]),
    ),
  )(
    'the %s estimator at temperature %d has the mean that follows from its formula, and it is not the gradient',
    (estimator, temperature) => {
      const model = tinyModel(8, estimator);
      const { gradient } = enumerate(hopgrad, model, text, lambda);
      const answers = manyAnswers(model, temperature).gradients;
      expect(standardErrorsFrom(meanAnswer(model, temperature), answers)).toBeLessThan(2.5);
      expect(standardErrorsFrom(gradient, answers)).toBeGreaterThan(10);
    },
  );

  test('the score function is as close to the gradient as chance allows', () => {
    const model = tinyModel(8);
    const listed = enumerate(hopgrad, model, text, lambda);
    const answers = scoreFunction(listed, listed.expectedLoss);
    const drawn = manyAnswers(model, 1).outcomes.map((outcome) => answers[outcome]);
    expect(standardErrorsFrom(listed.gradient, drawn)).toBeLessThan(2.5);
  });
});

test('the taken-branch estimator tells the last router next to nothing about the loss', () => {
  // The final norm takes the scale out of what the last layer returns, so the loss does not change along it:
  // ⟨δ, output⟩ is 0 but for the norm's epsilon. What the last router learns comes from the density loss.
  const [compared, taken] = estimatorNames.map((estimator) => {
    const model = tinyModel(8, estimator);
    const [, last] = gatesOf(model);
    return Math.max(
      ...gradients(trainingLoss(model, 1, 0).nll, [last.weight])[0]
        .abs()
        .toTypedArray(),
    );
  });
  expect(taken).toBeLessThan(1e-3 * compared);
});

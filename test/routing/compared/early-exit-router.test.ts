/** Early exit on its own: who stops, and when it asks what a token would say. */
import { describe, expect, test } from 'vitest';
import { fromTypedArray, type Tensor, tensor, zeros } from '../../../src/index.ts';
import { EarlyExitRouter } from '../../../src/routing/compared/early-exit-router.ts';
import { options } from '../routers.ts';

const z = zeros([1, 4, 2]);
/** Largest probabilities 1/2, 3/4, 9/10 and 1/2. */
const said = tensor([[[1, 1], [3, 1], [1, 9], [7, 7]]]).log(); // biome-ignore format: a row a token
const exitLogits = (): Tensor => said;

test.each([
  [0, '0000'],
  [0.5, '0000'], // as sure as asked for is sure enough
  [0.51, '1001'],
  [0.8, '1101'],
  [1.5, '1111'],
])('in evaluation tokens run whose largest probability is below the threshold: %d', (threshold, expected) => {
  const { active, density } = new EarlyExitRouter(1, threshold).eval().route(z, { ...options, exitLogits });
  expect(active.shape).toEqual([1, 4, 1]);
  expect(active.toTypedArray().join('')).toBe(expected);
  expect(density.item()).toBeCloseTo(expected.split('').filter((gate) => gate === '1').length / 4, 6);
});

test('the threshold can be set anew', () => {
  const router = new EarlyExitRouter(1, 0).eval();
  router.threshold = 0.8;
  expect(
    router
      .route(z, { ...options, exitLogits })
      .active.toTypedArray()
      .join(''),
  ).toBe('1101');
});

test('the density counts the tokens that count', () => {
  const valid = fromTypedArray(Uint8Array.of(1, 0, 1, 0), [1, 4, 1]);
  const { density } = new EarlyExitRouter(1, 0.8).eval().route(z, { ...options, exitLogits, valid });
  expect(density.item()).toBe(0.5);
});

describe.each([true, false])('with training %s', (training) => {
  test('the first layer runs for all, and asks for no exit', () => {
    const route = new EarlyExitRouter(0, 0).train(training).route(z, options);
    expect(route.active.toTypedArray().join('')).toBe('1111');
    expect(route.exitLogits).toBeNull();
  });

  test('every other layer hands on the exit before it', () => {
    const route = new EarlyExitRouter(2, 0).train(training).route(z, { ...options, exitLogits });
    expect(route.exitLogits).toBe(said);
    expect(route.active.toTypedArray().join('')).toBe(training ? '1111' : '0000');
  });
});

test('has no parameters, and learns nothing from its density', () => {
  const router = new EarlyExitRouter(1, 0.5);
  expect(router.parameters()).toEqual([]);
  expect(router.route(z, { ...options, exitLogits }).density.requiresGrad).toBe(false);
});

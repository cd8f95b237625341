/** Learned routers that run a wanted share of tokens without training: untrained ones run about half. */
import { fromTypedArray, type SkipTransformer } from '../src/index.ts';

/**
 * Shifts what routers read: the logits of a layer differ by z · w with w = w₁ − w₀, which for normalised z has a spread
 * of |w|, and a norm's bias along w moves all of them alike.
 *
 * @param density P: 0.5 leaves them as they are
 */
export function leanRouters(model: SkipTransformer, density: number): void {
  const shift = Math.log(density / (1 - density)) / 1.7; // about where a normal distribution has this share below it
  for (const { normAttention, router } of model.layers) {
    const weight = router?.namedParameters().find(([name]) => name === 'gate.weight')?.[1]; // (2, D)
    if (!weight) throw new Error('only learned routers can be made to lean');
    const dim = weight.shape[1];
    const [w0, w1] = [0, 1].map((side) => weight.select(0, side).toTypedArray()); // (D) each
    const w = Float32Array.from({ length: dim }, (_, i) => w1[i] - w0[i]);
    const length = Math.hypot(...w);
    const bias = w.map((value) => (shift * value) / length); // (D)
    normAttention.bias.assign(fromTypedArray(bias, [dim]));
  }
}

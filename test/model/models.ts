/** Small random models and texts for the properties below. */
import fc from 'fast-check';
import { fromTypedArray, Random, Tensor } from '../../src/index.ts';
import { defaultModel, type ModelConfig } from '../../src/model/config.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import type { Module } from '../../src/nn/module.ts';

export const VOCABULARY = 11;
export const CONTEXT = 8;

/** Shapes and routing of a small model; routers start wide, so that decisions differ from token to token. */
export function anyConfig(fixed: Partial<ModelConfig> = {}): fc.Arbitrary<ModelConfig> {
  return fc
    .record({
      layers: fc.integer({ min: 1, max: 3 }),
      heads: fc.constantFrom(1, 2),
      dim: fc.constantFrom(4, 8),
      feedForward: fc.constantFrom(1, 2),
      gated: fc.boolean(),
      router: fc.constantFrom<ModelConfig['router']>('learned', 'random'),
      estimator: fc.constantFrom<ModelConfig['estimator']>('straight-through', 'taken-branch'),
      wraps: fc.constantFrom<ModelConfig['wraps']>('layer', 'attention', 'feed-forward'),
      density: fc.constantFrom(0.25, 0.5, 0.9),
      seed: fc.nat(1000),
    })
    .map((drawn) => ({
      ...defaultModel,
      vocabularySize: VOCABULARY,
      context: CONTEXT,
      embeddingScale: 1,
      routerScale: 2,
      ...drawn,
      ...fixed,
    }));
}

/** Ids (B, T). */
export function anyText(maxBatch = 3): fc.Arbitrary<Tensor> {
  return fc
    .record({
      batch: fc.integer({ min: 1, max: maxBatch }),
      tokens: fc.integer({ min: 2, max: CONTEXT }),
      seed: fc.nat(1000),
    })
    .map(({ batch, tokens, seed }) => {
      const random = new Random(seed);
      const ids = Int32Array.from({ length: batch * tokens }, () => random.int(VOCABULARY));
      return fromTypedArray(ids, [batch, tokens]);
    });
}

/** The model in float64, where two orders of summation agree to 1e-12 and not to 1e-5. */
export function float64Model(config: ModelConfig): SkipTransformer {
  const model = new SkipTransformer(config);
  convert(model);
  return model;
}

function convert(module: Module): void {
  for (const [name, field] of Object.entries(module)) {
    if (!(field instanceof Tensor)) continue;
    const leaf = field.detach().to('float64');
    leaf.requiresGrad = true;
    (module as unknown as Record<string, Tensor>)[name] = leaf;
  }
  for (const [, child] of module.children()) convert(child);
}

/** Largest difference between two tensors, element by element. */
export function distance(a: Tensor, b: Tensor): number {
  const right = b.toTypedArray();
  return Math.max(0, ...Array.from(a.toTypedArray(), (value, i) => Math.abs(value - right[i])));
}

/** The same numbers, to the last bit. */
export function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]));
}

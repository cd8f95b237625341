/** Reading a text piece by piece from a cache of keys and values is reading it at once, to the last bit. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noGrad, type Tensor, zeros } from '../../src/index.ts';
import { type ModelConfig, wrapChoices } from '../../src/model/config.ts';
import type { Execution } from '../../src/model/skip-layer.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import type { KeysAndValues, KeyValueCache } from '../../src/nn/key-value-cache.ts';
import { cat } from '../../src/ops/functions.ts';
import {
  anyConfig,
  anyRows,
  CONTEXT,
  executions,
  float64Model,
  holdsFor,
  idsOf,
  layerOptions,
  routerNames,
  sameBits,
  someConfig,
} from './models.ts';
import { patternNumber, tell } from './told-router.ts';

/** Expects that ids (B, T), read up to each of the cuts in turn, give the logits and gates of ids read at once. */
function expectSameInPieces(
  model: SkipTransformer,
  ids: Tensor,
  cuts: readonly number[],
  execution: Execution,
): void {
  noGrad(() => {
    const [batch, tokens] = ids.shape;
    const whole = model.forward(ids);
    const caches = model.makeCaches(batch);
    const ends = [...cuts, tokens];
    const pieces = ends.map((end, i) =>
      model.forward(ids.slice(1, ends[i - 1] ?? 0, end), { caches, execution }),
    );
    const logits = cat(
      pieces.map((piece) => piece.logits),
      1,
    );
    expect(sameBits(whole.logits.toTypedArray(), logits.toTypedArray()), 'logits').toBe(true);
    whole.routes.forEach(({ active }, layer) => {
      const gates = cat(
        pieces.map((piece) => piece.routes[layer].active),
        1,
      );
      expect(sameBits(active.toTypedArray(), gates.toTypedArray()), `gates of layer ${layer}`).toBe(true);
    });
  });
}

const precisions = { float32: (config: ModelConfig) => new SkipTransformer(config), float64: float64Model };

describe.each(routerNames)(
  'with the router %s, any text cut anywhere gives the same logits and gates',
  (router) => {
    test.each(['float32', 'float64'] as const)('in %s', (precision) => {
      const example = fc.record({
        config: anyConfig({ router }),
        rows: anyRows(),
        cuts: fc.uniqueArray(fc.integer({ min: 1, max: CONTEXT - 1 })),
        execution: fc.constantFrom(...executions),
      });
      holdsFor(`${router}, ${precision}`, example, ({ config, rows, cuts, execution }) => {
        const inside = cuts.filter((cut) => cut < rows[0].length).sort((a, b) => a - b);
        expectSameInPieces(precisions[precision](config).eval(), idsOf(rows), inside, execution);
      });
    });
  },
);

describe.each(wrapChoices)('under every skip pattern of 2 layers and 3 tokens, wrapping the %s', (wraps) => {
  const config = someConfig({ router: 'learned', layers: 2, wraps, dropSkippedKeys: false });
  const ids = idsOf([[1, 4, 2]]);
  const patterns = Array.from({ length: 64 }, (_, number) => {
    const runs = patternNumber(number, 3);
    return tell(float64Model(config).eval(), (layer, _row, position) => runs(layer, position));
  });

  test('every way of cutting the text gives the same logits', () => {
    for (const model of patterns) {
      for (const cuts of [[1], [2], [1, 2]]) expectSameInPieces(model, ids, cuts, 'gathered');
    }
  });

  test('the cache holds the keys and values of every token’s state, run or skipped', () => {
    noGrad(() => {
      for (const model of patterns) expectWrittenCaches(model, ids, statesOf(model, ids));
    });
  });
});

/** What every layer reads when the model reads ids: L states (B, T, D). */
function statesOf(model: SkipTransformer, ids: Tensor): Tensor[] {
  const states = [embedded(model, ids)];
  for (const layer of model.layers)
    states.push(layer.forward(states[states.length - 1], layerOptions).output);
  return states.slice(0, -1);
}

/** Expects that every layer's cache holds the projections of the state in which the layer is to find the tokens. */
function expectWrittenCaches(model: SkipTransformer, ids: Tensor, states: readonly Tensor[]): void {
  const caches = model.makeCaches(ids.shape[0]);
  model.forward(ids, { caches });
  model.layers.forEach((layer, i) => {
    const expected = layer.attention.keysAndValues(layer.normAttention.forward(states[i]));
    const found = stored(caches[i], expected);
    expect(sameBits(found.key.toTypedArray(), expected.key.toTypedArray()), `keys of layer ${i}`).toBe(true);
    expect(sameBits(found.value.toTypedArray(), expected.value.toTypedArray()), `values of layer ${i}`).toBe(
      true,
    );
  });
}

/** What the first layer reads: (B, T, D). */
function embedded(model: SkipTransformer, ids: Tensor): Tensor {
  return model.tokens.forward(ids).add(model.positions.weight.slice(0, 0, ids.shape[1]));
}

/** What a cache holds, read by adding one more token; `like` is of its shape. */
function stored(cache: KeyValueCache, like: KeysAndValues): KeysAndValues {
  const [batch, heads, tokens, headDim] = like.key.shape;
  const one = zeros([batch, heads, 1, headDim], { dtype: like.key.dtype });
  const { key, value } = cache.append({ key: one, value: one });
  return { key: key.slice(2, 0, tokens), value: value.slice(2, 0, tokens) };
}

test('with every gate closed, tokens pass unchanged and layers still cache the keys and values of that state', () => {
  const example = fc.record({
    config: anyConfig({ router: 'learned', wraps: 'layer', dropSkippedKeys: false }),
    rows: anyRows({ maxBatch: 1, maxTokens: CONTEXT - 1 }),
  });
  holdsFor('all closed', example, ({ config, rows }) => {
    const model = tell(float64Model(config).eval(), () => false);
    const ids = idsOf(rows);
    noGrad(() => {
      const x = embedded(model, ids);
      const unchanged = model.head.forward(model.norm.forward(x));
      expect(sameBits(model.forward(ids).logits.toTypedArray(), unchanged.toTypedArray()), 'logits').toBe(
        true,
      );
      expectWrittenCaches(
        model,
        ids,
        model.layers.map(() => x),
      );
    });
  });
});

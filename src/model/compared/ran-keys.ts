/**
 * Keys and values of the tokens that run a layer, and of no other (`dropSkippedKeys`): the variant that the paper tried
 * and left for its "lower predictive quality". An active token attends to itself and to those before it that ran the
 * layer. The layer's cache then holds fewer tokens, and what is skipped costs no key and no value.
 *
 * Only the straight-through estimator asks what the layer would make of a skipped token: it reads the active tokens before
 * it and itself, as if it had run and all else were the same. No estimator sees that later tokens read a token that runs.
 */
import type { CausalSelfAttention, Places } from '../../nn/causal-self-attention.ts';
import type { KeysAndValues, KeyValueCache } from '../../nn/key-value-cache.ts';
import { ActiveRows } from '../../routing/active-rows.ts';
import { ActiveTexts } from '../../routing/compared/active-texts.ts';
import { arange } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** For which tokens a layer's branch runs. */
export interface Ran {
  /** (B, T, 1) bool: those that are wanted; null: all. */
  active: Tensor | null;
  /** Those alone, gathered; null: all are computed. */
  rows: ActiveRows | null;
  /** Whether the gradient asks for the others too. */
  needsAll: boolean;
}

/** What queries attend to: keys and values, and where the queries stand. */
export interface Seen {
  kv: KeysAndValues;
  places: Places;
}

/** What tokens z, (B, T, D) or (N, 1, D) where they are gathered, see of each other and of a cache. */
export function ranKeys(
  attention: CausalSelfAttention,
  z: Tensor,
  { active, rows, needsAll }: Ran & { active: Tensor },
  { start, cache }: { start: number; cache: KeyValueCache | null },
): Seen {
  if (needsAll && !cache) return { kv: attention.keysAndValues(z), places: { visible: ranOrSelf(active) } };
  const before = cache?.stored ?? new Array<number>(active.shape[0]).fill(0); // (B)
  const texts = new ActiveTexts(active, rows ?? new ActiveRows(active, start), start, before);
  const kv = attention.keysAndValues(z, (x) => (rows ? texts.ofRows(x) : texts.ofTokens(x))); // (B, H, R, headDim)
  return {
    kv: cache ? cache.append(kv, texts) : kv,
    places: rows ? texts.placesOfRows() : texts.placesOfTokens(),
  };
}

/** Which keys a query reads where all tokens have one: those before it that ran, active (B, T, 1), and its own: (B, 1, T, T). */
function ranOrSelf(active: Tensor): Tensor {
  const [batch, tokens] = active.shape;
  const key = arange(tokens, { dtype: 'int32', device: active.device }); // (T)
  const query = key.unsqueeze(-1); // (T, 1)
  const ran = active.reshape([batch, 1, 1, tokens]); // (B, 1, 1, T)
  return key.lt(query).logicalAnd(ran).logicalOr(key.eq(query)); // (B, 1, T, T)
}

/** Generating text token by token, from a cache of keys and values (paper Algorithm 2). */
import { noGrad } from '../autograd/mode.ts';
import { inScope } from '../device/scope.ts';
import type { KeyValueCache } from '../nn/key-value-cache.ts';
import { fromTypedArray } from '../tensor/create.ts';
import { OpError } from '../tensor/errors.ts';
import { Random } from '../tensor/random.ts';
import type { SkipTransformer } from './skip-transformer.ts';

export interface GenerateOptions {
  /** How many tokens to add. */
  tokens: number;
  /** 0 takes the likeliest token; 1 samples from the model's own distribution. Default 1. */
  temperature?: number;
  /** Sample among the k likeliest tokens only. Default: all. */
  topK?: number;
  /** Sample among the likeliest tokens whose probabilities sum to p. Default 1: all. */
  topP?: number;
  /** Default 0. */
  seed?: number;
}

/** One token of the text that was read or written. */
export interface GeneratedToken {
  id: number;
  /** For every layer, whether it ran for this token; in a dense model all did. */
  active: boolean[];
  /** FLOPs spent on reading it, and what the dense model would have spent. */
  flops: { executed: number; dense: number };
}

/**
 * Continues a prompt. Yields every token, the prompt's first, once it has been read; the last one written is read too,
 * so that its layers are known. Once the context is full, the model starts over from its last half.
 *
 * @throws OpError for a prompt that is empty or no tokens, and for impossible sampling settings
 */
export function* generate(
  model: SkipTransformer,
  prompt: ArrayLike<number>,
  { tokens, temperature = 1, topK = Number.POSITIVE_INFINITY, topP = 1, seed = 0 }: GenerateOptions,
): Generator<GeneratedToken> {
  checkPrompt(prompt, model.config.vocabularySize);
  if (!(Number.isSafeInteger(tokens) && tokens >= 0)) {
    throw new OpError('generate', `tokens must be a whole number from 0 up, not ${tokens}`);
  }
  if (!(temperature >= 0)) throw new OpError('generate', `temperature ${temperature} must be 0 or more`);
  if (!(topK >= 1)) throw new OpError('generate', `topK ${topK} must be 1 or more`);
  if (!(topP > 0 && topP <= 1)) throw new OpError('generate', `topP ${topP} must be above 0 and at most 1`);
  const training = model.training;
  const { context } = model.config;
  const text = Array.from(prompt);
  const caches = model.makeCaches(1);
  const random = new Random(seed).fork('generate');
  let unread = text.slice(-context);
  try {
    model.eval();
    for (let written = 0; ; written++) {
      if (caches[0].length + unread.length > context) {
        for (const cache of caches) cache.clear();
        unread = text.slice(-Math.ceil(context / 2));
      }
      const news = written === 0 ? unread.length : 1;
      const { tokens: described, logits } = read(model, unread, caches);
      // A token for which the model had to start over costs all that was read again.
      const share = unread.length / news;
      for (const token of described.slice(unread.length - news)) {
        const { executed, dense } = token.flops;
        yield { ...token, flops: { executed: executed * share, dense: dense * share } };
      }
      if (written >= tokens) return;
      const next = sample(logits, temperature, topK, topP, random.fork(written));
      text.push(next);
      unread = [next];
    }
  } finally {
    model.train(training);
  }
}

function checkPrompt(prompt: ArrayLike<number>, vocabularySize: number): void {
  if (!(prompt?.length > 0)) throw new OpError('generate', 'the prompt is empty; give at least one token');
  const stranger = Array.from(prompt).find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
  if (stranger !== undefined) {
    throw new OpError(
      'generate',
      `the prompt holds ${JSON.stringify(stranger)}, which is no token of a vocabulary of ${vocabularySize}; encode the text first`,
    );
  }
}

/** Reads tokens into the caches: what each cost and used, and the logits (V) of the token after the last. */
function read(
  model: SkipTransformer,
  ids: readonly number[],
  caches: readonly KeyValueCache[],
): { tokens: GeneratedToken[]; logits: Float64Array } {
  const { device } = model.head.weight;
  return inScope(() =>
    noGrad(() => {
      const input = fromTypedArray(Int32Array.from(ids), [1, ids.length], { device });
      const { logits, routes, flops } = model.forward(input, { caches });
      const masks = model.layers.map((_, layer) => routes[layer]?.active.toTypedArray()); // none in a dense model
      const last = logits.slice(1, ids.length - 1);
      return {
        tokens: ids.map((id, t) => ({
          id,
          active: masks.map((mask) => mask === undefined || mask[t] === 1),
          flops,
        })),
        logits: Float64Array.from(last.toTypedArray()),
      };
    }),
  );
}

/** Draws a token from the logits (V). */
export function sample(
  logits: Float64Array,
  temperature: number,
  topK: number,
  topP: number,
  random: Random,
): number {
  if (!logits.every(Number.isFinite))
    throw new OpError('generate', 'the model gives logits that are no numbers');
  if (temperature === 0) return logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
  const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  const best = logits[order[0]];
  const likeliest = order.slice(0, topK);
  const weights = likeliest.map((id) => Math.exp((logits[id] - best) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let kept = 0;
  let count = 0;
  while (count < weights.length && kept < topP * total) kept += weights[count++];
  let point = random.uniform() * kept;
  for (let i = 0; i < count; i++) {
    point -= weights[i];
    if (point < 0) return likeliest[i];
  }
  return likeliest[count - 1];
}

/** Who gets more layers where it is known by construction what is hard: the characters of hop-24. */
import { hop24Characters, hop24Item, itemText } from '../data/hop24/items.ts';
import { hop24 } from '../data/hop24/tasks.ts';
import type { Batch } from '../data/text-dataset.ts';
import type { Tokenizer } from '../data/tokenizer.ts';
import type { SkipTransformer } from '../model/skip-transformer.ts';
import type { TokenUsage } from '../report/types.ts';
import { mean } from './evaluate.ts';
import { readBatch } from './read-batch.ts';

/** How deep characters of one mark go: `token` is the mark, layers and loss are of the tokens that predict them. */
export interface MarkUsage extends TokenUsage {
  /** What the mark says about a character. */
  meaning: string;
  /**
   * The layers that these tokens would run if every one ran as many as the same token does on average over all that are
   * counted. Of the difference between two marks, this much comes with the tokens; only the rest with what follows them.
   */
  layersByToken: number;
  /** Of predicting such a character, in nats. */
  meanLoss: number;
}

const MEANINGS: Readonly<Record<string, string>> = {
  '.': 'determined by the form',
  '!': 'by the rule',
  '?': 'arbitrary',
};

/** Whether a tokenizer reads a question of hop-24 character by character, and knows them all. */
export function readsHop24(tokenizer: Tokenizer): boolean {
  if (tokenizer.kind === 'byte') return true;
  return tokenizer.kind === 'character' && !tokenizer.encode(hop24Characters).includes(0);
}

/**
 * Whether what is hard to predict gets more layers, where it is known by construction what is hard: over one-shot questions
 * of hop-24, the mean layers and the mean loss per mark of a character. Layers and loss are those of the token before the
 * character, which predicts it. Demonstrations are read and not counted.
 *
 * @param model one that was trained on hop-24, or it cannot tell what is determined
 * @param questions per task
 * @throws RangeError where the tokenizer does not read hop-24 character by character
 */
export function layersPerMark(
  model: SkipTransformer,
  tokenizer: Tokenizer,
  seed: number,
  { questions = 20 }: { questions?: number } = {},
): MarkUsage[] {
  if (!readsHop24(tokenizer)) {
    throw new RangeError(
      'layersPerMark: marks are per character, and the tokenizer does not read hop-24 so; use one of characters or bytes',
    );
  }
  const { layers, context } = model.config;
  const counted: { mark: string; id: number; layers: number; loss: number }[] = [];
  model.inEvaluation(() => {
    for (const task of hop24) {
      const asked = Array.from({ length: questions }, (_, number) => {
        const shot = `${itemText(hop24Item(task, 'train', seed, number))}\n\n`;
        const item = hop24Item(task, 'validation', seed, number);
        // What does not fit loses its beginning, as in one-shot scoring; of the last character, only the loss is wanted.
        return {
          ids: tokenizer.encode(shot + itemText(item)).slice(-context - 1),
          marks: `${' '.repeat(shot.length)}${item.marks}`.slice(-context - 1),
        };
      });
      const batch = paddedBatch(asked.map(({ ids }) => ids));
      const { active, losses } = readBatch(model, batch);
      asked.forEach(({ marks }, row) => {
        for (let t = 0; t + 1 < marks.length; t++) {
          const i = row * batch.shape[1] + t;
          const ran = active.reduce((sum, layer) => sum + layer[i], layers - active.length);
          const mark = marks[t + 1];
          if (mark !== ' ') counted.push({ mark, id: batch.inputs[i], layers: ran, loss: losses[i] });
        }
      });
    }
  });
  const perToken = groupBy(counted, ({ id }) => id);
  const usual = new Map([...perToken].map(([id, same]) => [id, mean(same.map(({ layers }) => layers))]));
  const perMark = groupBy(counted, ({ mark }) => mark);
  return Object.entries(MEANINGS).map(([mark, meaning]) => {
    const own = perMark.get(mark) ?? [];
    return {
      token: mark,
      meaning,
      count: own.length,
      meanLayers: mean(own.map(({ layers }) => layers)),
      layersByToken: mean(own.map(({ id }) => usual.get(id) ?? Number.NaN)),
      meanLoss: mean(own.map(({ loss }) => loss)),
    };
  });
}

function groupBy<K, T>(all: readonly T[], key: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group) group.push(one);
    else groups.set(key(one), [one]);
  }
  return groups;
}

/** Texts of different lengths as one batch, filled up at their ends: what stands there changes nothing before it. */
function paddedBatch(texts: readonly Int32Array[]): Batch {
  const tokens = Math.max(...texts.map(({ length }) => length)) - 1;
  const inputs = new Int32Array(texts.length * tokens);
  const targets = new Int32Array(texts.length * tokens);
  texts.forEach((ids, row) => {
    inputs.set(ids.subarray(0, -1), row * tokens);
    targets.set(ids.subarray(1), row * tokens);
  });
  return { inputs, targets, shape: [texts.length, tokens] };
}

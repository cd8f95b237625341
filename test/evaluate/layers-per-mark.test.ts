import { describe, expect, test } from 'vitest';
import { hop24Characters, hop24Item, itemText } from '../../src/data/hop24/items.ts';
import { hop24 } from '../../src/data/hop24/tasks.ts';
import { HuggingFaceTokenizer } from '../../src/data/huggingface-tokenizer.ts';
import { ByteTokenizer, CharacterTokenizer } from '../../src/data/tokenizer.ts';
import { mean } from '../../src/evaluate/evaluate.ts';
import { layersPerMark, readsHop24 } from '../../src/evaluate/layers-per-mark.ts';
import { fromTypedArray, noGrad } from '../../src/index.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { byteLevel } from '../data/huggingface-files.ts';
import { float64Model, someConfig } from '../model/models.ts';

const tokenizer = CharacterTokenizer.fromText(hop24Characters);
const fixed = { vocabularySize: tokenizer.vocabularySize, layers: 3, dim: 8, heads: 2 };

describe.each([
  ['with room for all', 'learned', 96],
  ['with room for a part of the question', 'learned', 12],
  ['without routers', 'none', 96],
] as const)('layers per mark, %s', (_, router, context) => {
  test('are those of the tokens before the marked characters, each question read by itself', () => {
    const model = float64Model(someConfig({ ...fixed, router, context }));
    const expected: { mark: string; character: string; layers: number; loss: number }[] = [];
    for (const [task, number] of hop24.flatMap((task) => [[task, 0] as const, [task, 1] as const])) {
      const shot = `${itemText(hop24Item(task, 'train', 3, number))}\n\n`;
      const item = hop24Item(task, 'validation', 3, number);
      const text = (shot + itemText(item)).slice(-context - 1);
      const { layers, losses } = alone(model, tokenizer.encode(text));
      const first = text.length - itemText(item).length;
      [...item.marks].forEach((mark, i) => {
        const before = first + i - 1;
        if (before < 0) return;
        expected.push({ mark, character: text[before], layers: layers[before], loss: losses[before] });
      });
    }
    const marks = layersPerMark(model, tokenizer, 3, { questions: 2 });
    expect(marks.map(({ token }) => token)).toEqual(['.', '!', '?']);
    for (const { token, count, meanLayers, layersByToken, meanLoss } of marks) {
      const own = expected.filter(({ mark }) => mark === token);
      const usual = own.map(({ character }) =>
        mean(expected.filter((other) => other.character === character).map(({ layers }) => layers)),
      );
      expect(layersByToken).toBeCloseTo(mean(usual), 10);
      expect(count).toBe(own.length);
      expect(meanLayers).toBeCloseTo(mean(own.map(({ layers }) => layers)), 12);
      expect(meanLoss).toBeCloseTo(mean(own.map(({ loss }) => loss)), 10);
    }
    expect(model.training).toBe(true);
  });
});

/** One forward of a text without its last token: layers of each token, and the loss of predicting the next. */
function alone(model: SkipTransformer, ids: Int32Array): { layers: number[]; losses: number[] } {
  const input = fromTypedArray(ids.slice(0, -1), [1, ids.length - 1]);
  const { logits, routes } = model.inEvaluation(() => noGrad(() => model.forward(input)));
  const [scores] = logits.toArray() as number[][][];
  const ran = routes.map(({ active }) => active.toTypedArray());
  return {
    layers: scores.map((_, t) => ran.reduce((sum, row) => sum + row[t], 3 - ran.length)),
    losses: scores.map(
      (row, t) => Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[ids[t + 1]],
    ),
  };
}

test('asks the same of the same seed, as many questions of every task as wanted', () => {
  const model = new SkipTransformer(someConfig({ ...fixed, router: 'learned', context: 96 }));
  const ask = (seed: number, questions: number): unknown =>
    layersPerMark(model, tokenizer, seed, { questions });
  expect(ask(1, 2)).toEqual(ask(1, 2));
  expect(ask(1, 2)).not.toEqual(ask(2, 2));
  const asked = hop24.flatMap((task) => [0, 1].map((i) => hop24Item(task, 'validation', 1, i).marks));
  const counts = layersPerMark(model, tokenizer, 1, { questions: 2 }).map(({ count }) => count);
  expect(counts.reduce((a, b) => a + b)).toBe(asked.join('').length);
});

test('is for tokenizers that read hop-24 character by character, and know all of them', () => {
  const bytes = new ByteTokenizer();
  expect([tokenizer, bytes].map(readsHop24)).toEqual([true, true]);
  const strangers = [new CharacterTokenizer([...'abc']), new HuggingFaceTokenizer(byteLevel())];
  expect(strangers.map(readsHop24)).toEqual([false, false]);
  const model = new SkipTransformer(someConfig({ ...fixed, router: 'none' }));
  expect(() => layersPerMark(model, strangers[0], 0)).toThrow(RangeError);
});

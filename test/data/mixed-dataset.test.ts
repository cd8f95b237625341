import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hop24Characters, partOf } from '../../src/data/hop24/items.ts';
import { hop24 } from '../../src/data/hop24/tasks.ts';
import { MixedDataset } from '../../src/data/mixed-dataset.ts';
import { type Batch, TextDataset } from '../../src/data/text-dataset.ts';
import { CharacterTokenizer } from '../../src/data/tokenizer.ts';
import { isRight, toldIn } from './hop24/solvers.ts';

const text = 'the whale, the ship and the sea. '.repeat(40);
const tokenizer = CharacterTokenizer.fromText(text + hop24Characters);
const ids = tokenizer.encode(text);
const mixed = (share: number): MixedDataset => new MixedDataset(ids, tokenizer, share);
const plain = new TextDataset(ids);
const row = ({ inputs, targets, shape: [, context] }: Batch, i: number): Int32Array[] =>
  [inputs, targets].map((side) => side.slice(i * context, (i + 1) * context));

describe('MixedDataset', () => {
  const settings = fc.record({
    batchSize: fc.integer({ min: 1, max: 9 }),
    context: fc.integer({ min: 8, max: 128 }),
    seed: fc.nat(),
  });
  const step = fc.nat(100_000);

  it('gives its share of the rows to questions and leaves the others as they are', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), step, settings, (share, step, options) => {
        const batch = mixed(share).batch(step, options);
        const other = plain.batch(step, options);
        expect(batch.shape).toEqual(other.shape);
        const questions = Math.round(share * options.batchSize);
        for (let i = 0; i < options.batchSize; i++) {
          if (i < questions) expect(row(batch, i)).not.toEqual(row(other, i));
          else expect(row(batch, i)).toEqual(row(other, i));
        }
      }),
    );
  });

  it('shows questions of one task a row, each with its right answer, none of them for validation', () => {
    fc.assert(
      fc.property(step, settings, (step, options) => {
        const batch = mixed(1).batch(step, options);
        for (let i = 0; i < options.batchSize; i++) {
          const [inputs, targets] = row(batch, i);
          expect(inputs.slice(1)).toEqual(targets.slice(0, -1));
          const task = hop24[(step * options.batchSize + i) % hop24.length];
          const whole = tokenizer.decode(inputs) + tokenizer.decode(targets.slice(-1));
          for (const item of whole.split('\n\n').slice(0, -1)) {
            const [, query, answer] = /^(.*) (\S+)$/.exec(item) as RegExpExecArray;
            expect(isRight[task.name](toldIn(query), answer), item).toBe(true);
            expect(partOf(query)).toBe('train');
          }
        }
      }),
    );
  });

  it('asks other questions in every row and step, the same ones of the same step', () => {
    const options = { batchSize: 24, context: 96, seed: 5 };
    const data = mixed(1);
    const rows = [0, 1, 2].flatMap((step) => {
      const batch = data.batch(step, options);
      return Array.from({ length: 24 }, (_, i) => tokenizer.decode(row(batch, i)[0]));
    });
    expect(new Set(rows).size).toBe(72);
    expect(mixed(1).batch(2, options)).toEqual(data.batch(2, options));
    expect(data.batch(2, { ...options, seed: 6 })).not.toEqual(data.batch(2, options));
  });

  it('holds out text alone', () => {
    const options = { batchSize: 4, context: 16 };
    expect(mixed(1).validationBatches(options)).toEqual(plain.validationBatches(options));
  });
});

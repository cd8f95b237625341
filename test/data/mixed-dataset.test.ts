import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hop24Characters, hop24Item, itemText, partOf } from '../../src/data/hop24/items.ts';
import { hop24 } from '../../src/data/hop24/tasks.ts';
import { MixedDataset } from '../../src/data/mixed-dataset.ts';
import { type Batch, TextDataset } from '../../src/data/text-dataset.ts';
import { CharacterTokenizer } from '../../src/data/tokenizer.ts';
import { isRight, toldIn } from './hop24/solvers.ts';

/** What cross-entropy leaves out. */
const IGNORED = -100;

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
          const task = hop24[(step * options.batchSize + i) % hop24.length];
          const last = targets[targets.length - 1];
          const whole = tokenizer.decode(inputs) + (last === IGNORED ? '?' : tokenizer.decode([last]));
          for (const item of whole.split('\n\n').slice(0, -1)) {
            const [, query, answer] = /^(.*) (\S+)$/.exec(item) as RegExpExecArray;
            expect(isRight[task.name](toldIn(query), answer), item).toBe(true);
            expect(partOf(query)).toBe('train');
          }
        }
      }),
    );
  });

  it('has for targets what comes next, but for what nobody can know', () => {
    fc.assert(
      fc.property(step, settings, (step, options) => {
        const batch = mixed(1).batch(step, options);
        const { context, seed } = options;
        for (let i = 0; i < options.batchSize; i++) {
          const [inputs, targets] = row(batch, i);
          const number = step * options.batchSize + i;
          let text = '';
          let marks = '';
          for (let k = 0; text.length <= context; k++) {
            const item = hop24Item(hop24[number % hop24.length], 'train', seed, number * (context + 1) + k);
            text += `${itemText(item)}\n\n`;
            marks += `${item.marks}..`;
          }
          expect(tokenizer.decode(inputs)).toBe(text.slice(0, context));
          const told = [...tokenizer.encode(text.slice(1, context + 1))];
          expect([...targets]).toEqual(told.map((id, t) => (marks[t + 1] === '?' ? IGNORED : id)));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('leaves all targets where tokens are more than characters', () => {
    const pairs = {
      ...tokenizer,
      vocabularySize: 2,
      encode: (text: string) => Int32Array.from({ length: text.length / 2 }, () => 1),
    };
    const { targets } = new MixedDataset(ids, pairs as unknown as CharacterTokenizer, 1).batch(0, {
      batchSize: 3,
      context: 16,
      seed: 0,
    });
    expect(targets).not.toContain(IGNORED);
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

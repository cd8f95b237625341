import { hop24Item, itemText } from './hop24/items.ts';
import { hop24 } from './hop24/tasks.ts';
import { type Batch, TextDataset } from './text-dataset.ts';
import type { Tokenizer } from './tokenizer.ts';

/** A text, and questions of hop-24 mixed into its training batches. The held-out part is text alone. */
export class MixedDataset extends TextDataset {
  readonly tokenizer: Tokenizer;
  readonly share: number;

  /**
   * @param ids the text, as `tokenizer` reads it; it should know `hop24Characters`
   * @param share of a batch's rows that are questions, from 0 to 1, rounded to whole rows: the first of the batch
   */
  constructor(ids: Int32Array, tokenizer: Tokenizer, share: number) {
    super(ids);
    this.tokenizer = tokenizer;
    this.share = share;
  }

  override batch(step: number, options: { batchSize: number; context: number; seed: number }): Batch {
    const batch = super.batch(step, options);
    const { batchSize, context, seed } = options;
    const rows = Math.round(this.share * batchSize);
    for (let row = 0; row < rows; row++) {
      const ids = questionRow(this.tokenizer, context + 1, seed, step * rows + row);
      batch.inputs.set(ids.subarray(0, context), row * context);
      batch.targets.set(ids.subarray(1), row * context);
    }
    return batch;
  }
}

/**
 * Questions of one task with their answers, a blank line after each, cut off after `length` tokens: the second and every
 * later one stands as a one-shot prompt has it. Tasks take turns from row to row.
 */
function questionRow(tokenizer: Tokenizer, length: number, seed: number, row: number): Int32Array {
  const task = hop24[row % hop24.length];
  let text = '';
  let ids = tokenizer.encode(text);
  for (let i = 0; ids.length < length; i++) {
    text += `${itemText(hop24Item(task, 'train', seed, row * length + i))}\n\n`;
    ids = tokenizer.encode(text);
  }
  return ids.subarray(0, length);
}

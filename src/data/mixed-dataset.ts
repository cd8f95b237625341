import { hop24Item, itemText } from './hop24/items.ts';
import { hop24 } from './hop24/tasks.ts';
import { type Batch, TextDataset } from './text-dataset.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Targets that cross-entropy leaves out. */
const IGNORED = -100;

/**
 * A text, and questions of hop-24 mixed into its training batches. Of a question, what is drawn and cannot be known is no
 * target (where tokens are characters): it would teach nothing and drown what can be learned. The held-out part is text
 * alone.
 */
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
      const { ids, marks } = questionRow(this.tokenizer, context + 1, seed, step * rows + row);
      batch.inputs.set(ids.subarray(0, context), row * context);
      const targets = ids.subarray(1, context + 1).map((id, i) => (marks[i + 1] === '?' ? IGNORED : id));
      batch.targets.set(targets, row * context);
    }
    return batch;
  }
}

/**
 * Questions of one task with their answers, a blank line after each, `length` tokens of them or more: the second and every
 * later one stands as a one-shot prompt has it. Tasks take turns from row to row. One mark per token; none where tokens are
 * not characters.
 */
function questionRow(
  tokenizer: Tokenizer,
  length: number,
  seed: number,
  row: number,
): { ids: Int32Array; marks: string } {
  const task = hop24[row % hop24.length];
  let text = '';
  let marks = '';
  let ids = tokenizer.encode(text);
  for (let i = 0; ids.length < length; i++) {
    const item = hop24Item(task, 'train', seed, row * length + i);
    text += `${itemText(item)}\n\n`;
    marks += `${item.marks}..`;
    ids = tokenizer.encode(text);
  }
  return { ids, marks: ids.length === text.length ? marks : '' };
}

/** A language model may not look ahead: not in its logits, and not in its decisions to skip. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noGrad, Random, type Tensor } from '../../src/index.ts';
import { wrapChoices } from '../../src/model/config.ts';
import {
  type ForwardOptions,
  type ForwardResult,
  SkipTransformer,
} from '../../src/model/skip-transformer.ts';
import {
  anyConfig,
  anyRows,
  causalInTraining,
  executions,
  holdsFor,
  idsOf,
  routerNames,
  sameBits,
  someConfig,
  VOCABULARY,
} from './models.ts';
import { patternNumber, tell } from './told-router.ts';

/** Logits and gates before a position, one entry a tensor. */
function earlier({ logits, routes }: ForwardResult, position: number): ArrayLike<number>[] {
  return [logits, ...routes.map(({ active }) => active)].map((x) => x.slice(1, 0, position).toTypedArray());
}

/** Expects that nothing before `position` depends on the tokens there. */
function expectCausal(
  model: SkipTransformer,
  ids: Tensor,
  changed: Tensor,
  position: number,
  options: ForwardOptions,
): void {
  // Without gradients every model may gather.
  const [before, after] = [ids, changed].map((text) =>
    earlier(
      noGrad(() => model.forward(text, options)),
      position,
    ),
  );
  before.forEach((bits, i) => {
    expect(sameBits(bits, after[i]), i === 0 ? 'logits' : `gates of layer ${i - 1}`).toBe(true);
  });
}

/** The ids with the tokens at `position` moved on by `shift`, in every row. */
function changedAt(rows: readonly (readonly number[])[], position: number, shift: number): Tensor {
  return idsOf(rows.map((row) => row.with(position, (row[position] + shift) % VOCABULARY)));
}

describe.each(routerNames)(
  'with the router %s, changing a token never changes an earlier logit or gate',
  (router) => {
    const example = fc.record({
      config: anyConfig({ router }),
      rows: anyRows(),
      at: fc.nat(100),
      shift: fc.integer({ min: 1, max: VOCABULARY - 1 }),
      seed: fc.nat(1000),
    });

    for (const execution of executions) {
      test(`in evaluation (${execution})`, () => {
        holdsFor(`${router}, ${execution}`, example, ({ config, rows, at, shift }) => {
          const model = new SkipTransformer(config).eval();
          const position = at % rows[0].length;
          expectCausal(model, idsOf(rows), changedAt(rows, position, shift), position, { execution });
        });
      });

      test(`in training with the same noise, if it is causal always (${execution})`, () => {
        holdsFor(`${router}, ${execution}`, example, ({ config, rows, at, shift, seed }) => {
          const model = new SkipTransformer(config);
          if (!causalInTraining(model)) return;
          const position = at % rows[0].length;
          expectCausal(model, idsOf(rows), changedAt(rows, position, shift), position, {
            execution,
            random: new Random(seed),
            temperature: 0.7,
          });
        });
      });
    }
  },
);

describe('under every skip pattern of 2 layers and 3 tokens, changing a token never changes an earlier logit', () => {
  test.each(wrapChoices.flatMap((wraps) => executions.map((execution) => [wraps, execution] as const)))(
    'of a model that wraps the %s (%s)',
    (wraps, execution) => {
      // Every pattern is a row of the batch; all rows are the same text.
      const model = tell(
        new SkipTransformer(someConfig({ router: 'learned', layers: 2, wraps })).eval(),
        (layer, row, position) => patternNumber(row, 3)(layer, position),
      );
      const rows = Array.from({ length: 64 }, () => [1, 4, 2]);
      const gates = model.forward(idsOf(rows)).routes.map(({ active }) => active.toTypedArray());
      expect(
        new Set(rows.map((_, row) => gates.map((gate) => gate.slice(3 * row, 3 * row + 3).join()).join()))
          .size,
      ).toBe(64);
      for (const position of [1, 2]) {
        expectCausal(model, idsOf(rows), changedAt(rows, position, 5), position, { execution });
      }
    },
  );
});

test('changing a token does change its own logits: the properties above can fail', () => {
  for (const router of routerNames) {
    const model = new SkipTransformer(someConfig({ router })).eval();
    const logits = (id: number): ArrayLike<number> => model.forward(idsOf([[1, id]])).logits.toTypedArray();
    expect(sameBits(logits(2), logits(3))).toBe(false);
  }
});

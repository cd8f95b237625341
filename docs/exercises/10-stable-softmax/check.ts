import fc from 'fast-check';
import { tensor } from 'hopgrad';
import { someNumber } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const row = (value = someNumber) => fc.record({ row: fc.array(value, { minLength: 1, maxLength: 5 }) });
const huge = someNumber.map((value) => value * 1000);

const asLibrary = (row: readonly number[]): number[] =>
  tensor([...row], { dtype: 'float64' })
    .softmax()
    .toArray() as number[];

export default exercise<typeof Solution>({
  title: 'A softmax that does not overflow',
  chapter: 4,
  task: 'Write the kernel of softmax for one row, so that logits of 1000 do not make it NaN.',
  laws: ({ softmax }) => [
    example('[0, log 3] is [¼, ¾]', () => {
      expectClose('softmax([0, Math.log(3)])', softmax([0, Math.log(3)]), [0.25, 0.75]);
    }),
    law('it is what the library computes', row(), ({ row }) => {
      expectClose('softmax(row)', softmax(row), asLibrary(row));
    }),
    law('numbers of 1000 and more, both ways, overflow nothing', row(huge), ({ row }) => {
      expectClose('softmax(row)', softmax(row), asLibrary(row));
    }),
    law(
      'a masked place, −Infinity, has probability 0, and the others what they have without it',
      fc.record({ row: fc.array(huge, { minLength: 1, maxLength: 4 }), masked: fc.nat(4) }),
      ({ row, masked }) => {
        const place = masked % (row.length + 1);
        const expected = asLibrary(row).toSpliced(place, 0, 0);
        expectClose('softmax(row)', softmax(row.toSpliced(place, 0, -Infinity)), expected);
      },
    ),
    law('the row is left as it was', row(), ({ row }) => {
      const before = [...row];
      softmax(row);
      expectSame('the row afterwards', row, before);
    }),
  ],
});

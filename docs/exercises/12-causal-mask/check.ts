import fc from 'fast-check';
import { tensor } from 'hopgrad';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame, expectTensor } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const sizes = fc
  .record({ queries: fc.integer({ min: 1, max: 5 }), before: fc.nat(4) })
  .map(({ queries, before }) => ({ queries, keys: queries + before }));

export default exercise<typeof Solution>({
  title: 'The causal mask',
  chapter: 5,
  task: 'Say which keys each query may read, so that no token sees what comes after it.',
  laws: ({ causalMask }) => [
    example('three tokens: a triangle, its diagonal included', () => {
      const triangle = tensor([[true, false, false], [true, true, false], [true, true, true]]); // biome-ignore format: a matrix
      expectClose('causalMask(3, 3)', causalMask(3, 3), triangle);
    }),
    example('one new token behind three others reads them all', () => {
      expectClose('causalMask(1, 4)', causalMask(1, 4), tensor([[true, true, true, true]]));
    }),
    law('it is a bool tensor of (queries, keys)', sizes, ({ queries, keys }) => {
      const mask = causalMask(queries, keys);
      expectTensor('the mask', mask);
      expectSame('its shape', [...mask.shape], [queries, keys]);
      expectSame('its dtype', mask.dtype, 'bool');
    }),
    law('query i reads the keys up to its own position, and no others', sizes, ({ queries, keys }) => {
      const rows = causalMask(queries, keys).to('int32').toArray() as number[][];
      const read = rows.map((row) => row.flatMap((seen, key) => (seen ? [key] : [])));
      const expected = rows.map((_, i) => Array.from({ length: keys - queries + i + 1 }, (_, key) => key));
      expectSame('the keys that each query reads', read, expected);
    }),
  ],
});

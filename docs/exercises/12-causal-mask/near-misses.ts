import { arange, ones } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'a token does not see itself',
    causalMask: (queries, keys) => arange(keys).lt(arange(queries, { start: keys - queries }).unsqueeze(1)),
  },
  {
    mistake: 'the queries stand at the beginning, where there are fewer of them than keys',
    causalMask: (queries, keys) => ones([queries, keys]).tril().gt(0),
  },
  { mistake: 'the other triangle', causalMask: (queries, keys) => ones([queries, keys]).triu().gt(0) },
  {
    mistake: 'numbers, not truth values',
    causalMask: (queries, keys) =>
      arange(keys)
        .le(arange(queries, { start: keys - queries }).unsqueeze(1))
        .to('float32'),
  },
]);

import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import { diagonals, matricesAndDiagonal } from './triangle.ts';

export const triu: Op<[x: Tensor, diagonal?: number]> = defineComposite({
  name: 'triu',
  takes: 'x: Tensor, diagonal?: number',
  doc: 'x (…, M, N) with zeros to the left of a diagonal (default 0, the main one; positive: to its right).',
  compute: (x, diagonal = 0) => diagonals('triu', x).ge(diagonal).where(x, 0),
  domain: matricesAndDiagonal,
});

import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import { diagonals, matricesAndDiagonal } from './triangle.ts';

export const tril: Op<[x: Tensor, diagonal?: number]> = defineComposite({
  name: 'tril',
  takes: 'x: Tensor, diagonal?: number',
  doc: 'x (…, M, N) with zeros to the right of a diagonal (default 0, the main one; positive: to its right).',
  compute: (x, diagonal = 0) => diagonals('tril', x).le(diagonal).where(x, 0),
  domain: matricesAndDiagonal,
});

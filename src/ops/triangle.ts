/** tril and triu: which side of a diagonal a matrix keeps. */
import { arange } from '../tensor/create.ts';
import { OpError, shapeText } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Domain } from './domain.ts';

/** column − row of every element of the matrices in x (…, M, N), int32 (M, N). */
export function diagonals(op: string, x: Tensor): Tensor {
  if (x.rank < 2) throw new OpError(op, `takes matrices (…, M, N), not ${shapeText(x.shape)}`);
  const [rows, columns] = x.shape
    .slice(-2)
    .map((extent) => arange(extent, { dtype: 'int32', device: x.device }));
  return columns.sub(rows.unsqueeze(-1));
}

export const matricesAndDiagonal: Domain<[x: Tensor, diagonal?: number]> = (draw) => [
  draw.tensor(draw.shape({ minRank: 2, maxRank: 3 })),
  draw.integer(-3, 3),
];

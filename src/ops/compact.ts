/** Contiguous tensors for kernels that ask for them, below autograd. */
import { contiguousCopy } from '../tensor/contiguous.ts';
import { sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/** The same values without gaps between the elements: x itself, or a copy. */
export function compact(x: Tensor): Tensor {
  return x.isContiguous ? x : new Tensor(contiguousCopy(x).storage, x.shape);
}

/** x (…, D) seen as contiguous rows (R, D). */
export function asRows(x: Tensor): Tensor {
  const whole = compact(x);
  const width = x.shape[x.rank - 1];
  return new Tensor(whole.storage, [sizeOf(x.shape.slice(0, -1)), width], undefined, whole.offset);
}

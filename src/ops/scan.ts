/** Running sums and products along the last axis, over the kernel. */
import { arange } from '../tensor/create.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { compact } from './compact.ts';
import { defineOp, type Op, type OpDefinition } from './define.ts';
import { anyTensor } from './domains.ts';

function scan(
  kind: 'sum' | 'prod',
  rule: Pick<OpDefinition<[x: Tensor], object>, 'backward' | 'saves'>,
): Op<[x: Tensor]> {
  return defineOp({
    name: `cum${kind}`,
    doc: `Running ${kind} along the last axis.`,
    parse: (x: Tensor) => ({ inputs: [x], options: {} }),
    shape: ([x]) => x.shape,
    forward: ([x], _, shape) => {
      const out = emptyTensor(shape, x.dtype, x.device);
      if (out.size > 0) x.device.kernels.scan(kind, compact(x), out);
      return out;
    },
    ...rule,
    flops: ([x]) => x.size,
    domain: anyTensor({}, { minRank: 1 }),
  });
}

/** Every element receives the gradient of all running sums from itself on: a running sum from the end. */
export const lastCumsum: Op<[x: Tensor]> = scan('sum', {
  backward: (g) => [lastCumsum(g.flip(-1)).flip(-1)],
  saves: [],
});

/**
 * dxᵢ = Σ gₖ · Πxⱼ over k ≥ i and j ≤ k, j ≠ i. The products are made without xᵢ rather than divided by it, so zeros
 * are no trouble to any order; it takes memory for n² products per row.
 */
export const lastCumprod: Op<[x: Tensor]> = scan('prod', {
  backward: (g, { inputs: [x] }) => {
    const k = arange(x.shape[x.rank - 1], { dtype: 'int32', device: x.device }); // (n)
    const i = k.unsqueeze(-1); // (n, 1)
    const products = lastCumprod(k.eq(i).where(1, x.unsqueeze(-2))); // (…, i, k)
    return [
      k
        .ge(i)
        .where(products.mul(g.unsqueeze(-2)), 0)
        .sum(-1),
    ];
  },
});

/** Product of the elements before each one: 1 for the first. */
export function productBefore(x: Tensor): Tensor {
  const one = x.shape.map((_, axis) => [axis === x.rank - 1 ? 1 : 0, 0] as const);
  return lastCumprod(x.pad(one, 1).slice(-1, 0, x.shape[x.rank - 1]));
}

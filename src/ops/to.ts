import { input } from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import type { DType } from '../device/device.ts';
import { OpError } from '../tensor/errors.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { defineOp, type Op } from './define.ts';

export const to: Op<[x: Tensor, dtype: DType]> = defineOp({
  name: 'to',
  takes: 'x: Tensor, dtype: string',
  doc: 'The same values in another type; to int32 they are cut towards zero, to bool everything but 0 is true. Only floating types carry a gradient.',
  parse: (x: Tensor, dtype: DType) => {
    const { name, dtypes } = x.device;
    if (!dtypes.includes(dtype)) {
      throw new OpError('to', `the device ${name} has no ${dtype}; it has ${dtypes.join(', ')}`);
    }
    // Whole numbers are flat in x: recorded, they would pass the gradient on as if nothing had been cut.
    const flat = dtype === 'int32' || dtype === 'bool';
    return { inputs: [flat ? x.detach() : x], options: { dtype, from: x.dtype } };
  },
  shape: ([x]) => x.shape,
  forward: ([x], { dtype }, shape) => {
    const out = emptyTensor(shape, dtype, x.device);
    if (x.size > 0) x.device.kernels.pointwise(compile(input(0), 1, 0), [x], [], out);
    return out;
  },
  backward: (g, { options: { from } }) => [g.to(from)],
  saves: [],
  flops: () => 0,
  domain: (draw) => [draw.tensor(draw.shape()), 'float64'],
});

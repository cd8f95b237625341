import type { Tensor } from '../tensor/tensor.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';
import { anyTensor } from './domains.ts';

export const contiguous: Op<[x: Tensor]> = defineOp({
  name: 'contiguous',
  takes: 'x: Tensor',
  doc: 'The same values standing in reading order: x itself where they do, else a copy.',
  parse: (x: Tensor) => ({ inputs: [x], options: {} }),
  shape: ([x]) => x.shape,
  forward: ([x]) => compact(x).detach(),
  backward: (g) => [g],
  saves: [],
  flops: () => 0,
  domain: anyTensor(),
});

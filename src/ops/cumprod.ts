import type { Tensor } from '../tensor/tensor.ts';
import { alongLast } from './along-last.ts';
import { asFloating } from './as-floating.ts';
import { defineComposite, type Op } from './define.ts';
import { tensorAndAxis } from './domains.ts';
import { lastCumprod } from './scan.ts';

export const cumprod: Op<[x: Tensor, axis?: number]> = defineComposite({
  name: 'cumprod',
  takes: 'x: Tensor, axis?: number',
  doc: 'Running product along one axis (default: the last). Integers give float32. Zeros get their right gradient.',
  compute: (x, axis = -1) => alongLast('cumprod', asFloating(x), axis, lastCumprod),
  domain: tensorAndAxis(),
});

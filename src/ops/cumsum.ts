import type { Tensor } from '../tensor/tensor.ts';
import { alongLast } from './along-last.ts';
import { asFloating } from './as-floating.ts';
import { defineComposite, type Op } from './define.ts';
import { tensorAndAxis } from './domains.ts';
import { lastCumsum } from './scan.ts';

export const cumsum: Op<[x: Tensor, axis?: number]> = defineComposite({
  name: 'cumsum',
  takes: 'x: Tensor, axis?: number',
  doc: 'Running sum along one axis (default: the last). Integers give float32.',
  compute: (x, axis = -1) => alongLast('cumsum', asFloating(x), axis, lastCumsum),
  domain: tensorAndAxis(),
});

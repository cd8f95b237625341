import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const where: Op<[condition: Tensor, a: Tensor | number, b: Tensor | number]> = definePointwise({
  name: 'where',
  doc: 'a where the condition holds (is not 0), b elsewhere; shapes broadcast. No gradient flows into the condition.',
  value: (condition, a, b) => condition.select(a, b),
  type: ([condition, ...values]) => arithmetic(values.length > 0 ? values : [condition]),
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 3 });
    const b = draw.boolean() ? draw.tensor(shape) : 0.5;
    return [draw.mask(draw.broadcastable(shape)), draw.tensor(draw.broadcastable(shape)), b];
  },
});

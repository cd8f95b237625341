import type { Op } from './define.ts';
import { extremum } from './extremum.ts';
import type { ReductionArgs } from './reduction.ts';

export const min: Op<ReductionArgs> = extremum(
  'min',
  'The smallest element over the given axes (default: all); NaN wins; ties, of NaNs too, share the gradient evenly.',
);

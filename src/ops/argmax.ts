import { type ArgExtremum, argExtremum } from './extremum.ts';

export const argmax: ArgExtremum = argExtremum(
  'max',
  'Where the largest element stands along one axis, or in the whole tensor (default), int32; the first of several; NaN wins.',
);

import { type ArgExtremum, argExtremum } from './extremum.ts';

export const argmin: ArgExtremum = argExtremum(
  'min',
  'Where the smallest element stands along one axis, or in the whole tensor (default), int32; the first of several; NaN wins.',
);

/** What backward must be whatever the op: a linear map of the cotangent, and the transpose of the derivative. */
import { describe } from 'vitest';
import { backwardIsLinear, backwardIsTransposed } from './laws.ts';
import { everyOpObeys } from './op-laws.ts';

describe('backward is linear in the cotangent: backward(αu + βv) = α backward(u) + β backward(v)', () => {
  everyOpObeys(backwardIsLinear);
});

describe('backward is the transpose of the derivative: w · (Jv) = (wᵀJ) · v', () => {
  everyOpObeys(backwardIsTransposed);
});

import { describe } from 'vitest';
import { jacobiansAgree } from './laws.ts';
import { everyOpObeys } from './op-laws.ts';

describe('the Jacobian of backward, row by row, is the Jacobian of finite differences, column by column', () => {
  everyOpObeys(jacobiansAgree);
});

import { predicate, type Unary } from './families.ts';

export const isNan: Unary = predicate({
  name: 'isNan',
  doc: 'Whether x is not a number, elementwise, as bool.',
  value: (x) => x.equal(x).equal(0),
});

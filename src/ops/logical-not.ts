import { predicate, type Unary } from './families.ts';

export const logicalNot: Unary = predicate({
  name: 'logicalNot',
  doc: 'Whether x is 0, elementwise, as bool.',
  value: (x) => x.equal(0),
});

import fc from 'fast-check';
import { gradients, type Tensor, tensor } from 'hopgrad';
import { someNumber } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose } from '../kit/expect.ts';
import type * as Solution from './solution.ts';
import type { Step } from './solution.ts';

/** A few inputs and some steps upon them; the last one reads whatever it likes. */
const tapes: fc.Arbitrary<{ tape: Step[] }> = fc
  .record({
    values: fc.array(someNumber, { minLength: 1, maxLength: 2 }),
    steps: fc.array(fc.record({ op: fc.constantFrom('add', 'mul', 'sin'), a: fc.nat(20), b: fc.nat(20) }), {
      maxLength: 6,
    }),
  })
  .map(({ values, steps }) => {
    const tape: Step[] = values.map((value) => ({ op: 'input', inputs: [], value }));
    for (const { op, a, b } of steps) {
      const [first, second] = [a % tape.length, b % tape.length];
      const [x, y] = [tape[first].value, tape[second].value];
      if (op === 'sin') tape.push({ op, inputs: [first], value: Math.sin(x) });
      else if (op === 'add') tape.push({ op, inputs: [first, second], value: x + y });
      else if (op === 'mul') tape.push({ op, inputs: [first, second], value: x * y });
    }
    return { tape };
  });

/** The same from the library: its tensors are scalars here. */
function asLibrary(tape: readonly Step[]): number[] {
  const made: Tensor[] = [];
  for (const { op, inputs, value } of tape) {
    const [a, b] = inputs.map((input) => made[input]);
    if (op === 'input') made.push(tensor(value, { dtype: 'float64', requiresGrad: true }));
    if (op === 'add') made.push(a.add(b));
    if (op === 'mul') made.push(a.mul(b));
    if (op === 'sin') made.push(a.sin());
  }
  return gradients(made[made.length - 1], made).map((slope) => slope.item());
}

const product: Step[] = [
  { op: 'input', inputs: [], value: 3 },
  { op: 'input', inputs: [], value: 5 },
  { op: 'mul', inputs: [0, 1], value: 15 },
];
const square: Step[] = [
  { op: 'input', inputs: [], value: 3 },
  { op: 'mul', inputs: [0, 0], value: 9 },
];

export default exercise<typeof Solution>({
  title: 'Backward over scalars',
  chapter: 2,
  task: 'Walk a tape of additions, products and sines back, and find the slope of every step.',
  laws: ({ slopes }) => [
    example('3 · 5 grows by 5 for the one factor, by 3 for the other', () => {
      expectClose('slopes of a = 3, b = 5, a · b', slopes(product), [5, 3, 1]);
    }),
    example('x · x at 3 grows by 6: both uses of x count', () => {
      expectClose('slopes of x = 3, x · x', slopes(square), [6, 1]);
    }),
    law('every slope is the one that the library finds', tapes, ({ tape }) => {
      expectClose('the slopes', slopes(tape), asLibrary(tape));
    }),
    law('the tape can be walked a second time, with the same result', tapes, ({ tape }) => {
      slopes(tape);
      expectClose('the slopes, asked for again', slopes(tape), asLibrary(tape));
    }),
  ],
});

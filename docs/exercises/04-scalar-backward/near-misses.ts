import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import type { Step } from './solution.ts';

/** The right walk, with something to go wrong. */
function walk(
  tape: readonly Step[],
  {
    order = [...tape.keys()].reverse(),
    put = (before: number, more: number): number => before + more,
    sine = Math.cos,
  } = {},
): number[] {
  const slope = tape.map(() => 0);
  slope[tape.length - 1] = 1;
  for (const i of order) {
    const { op, inputs } = tape[i];
    const [a, b] = inputs;
    if (op === 'add') for (const input of inputs) slope[input] = put(slope[input], slope[i]);
    if (op === 'sin') slope[a] = put(slope[a], slope[i] * sine(tape[a].value));
    if (op === 'mul') {
      slope[a] = put(slope[a], slope[i] * tape[b].value);
      slope[b] = put(slope[b], slope[i] * tape[a].value);
    }
  }
  return slope;
}

export default nearMisses<typeof Solution>([
  {
    mistake: 'a slope replaces the one before it, instead of being added',
    slopes: (tape) => walk(tape, { put: (_before, more) => more }),
  },
  { mistake: 'from the first step to the last', slopes: (tape) => walk(tape, { order: [...tape.keys()] }) },
  {
    mistake: 'the slope of the sine is minus the cosine',
    slopes: (tape) => walk(tape, { sine: (x) => -Math.cos(x) }),
  },
  {
    mistake: 'slopes of steps that the last one does not read are 1',
    slopes: (tape) => walk(tape).map((slope) => (slope === 0 ? 1 : slope)),
  },
]);

import fc from 'fast-check';
import { ramp } from 'hopgrad';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectThat } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const falls = fc
  .record({ target: fc.constantFrom(0.25, 0.5, 1), from: fc.nat(5), length: fc.nat(5), step: fc.nat(15) })
  .map(({ target, from, length, step }) => ({ step, fall: { target, from, to: from + length } }));

export default exercise<typeof Solution>({
  title: 'A schedule for the density',
  chapter: 8,
  task: 'Let the target density fall from 1 along a line while a model trains.',
  laws: ({ densityAt }) => [
    example('P = ½, falling from step 10 to step 20: at step 15 it is ¾', () => {
      const rates = [0, 10, 15, 20, 99].map((step) => densityAt(step, { target: 0.5, from: 10, to: 20 }));
      expectClose('steps 0, 10, 15, 20 and 99', rates, [1, 1, 0.75, 0.5, 0.5]);
    }),
    example('from = to = 0 is a training without a fall: the target from the first step on', () => {
      expectClose('step 0', densityAt(0, { target: 0.25, from: 0, to: 0 }), 0.25);
    }),
    law('it never leaves target … 1, and never rises', falls, ({ step, fall }) => {
      const [now, next] = [densityAt(step, fall), densityAt(step + 1, fall)];
      expectThat(now >= fall.target && now <= 1, `P at step ${step}`, `${fall.target} to 1`, now);
      expectThat(next <= now, `P at step ${step + 1}`, `at most ${now}`, next);
    }),
    law("it is a line, the library's ramp", falls, ({ step, fall: { target, from, to } }) => {
      const expected =
        step >= to ? target : ramp(1, target, Math.max(1, to - from))(Math.max(0, step - from));
      expectClose(`P at step ${step}`, densityAt(step, { target, from, to }), expected);
    }),
  ],
});

import fc from 'fast-check';
import { warmupCosine } from 'hopgrad';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectThat } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const schedules = fc
  .record({
    warmup: fc.nat(5),
    fall: fc.integer({ min: 1, max: 10 }),
    floor: fc.constantFrom(0, 0.1),
    step: fc.nat(20),
  })
  .map(({ warmup, fall, floor, step }) => ({
    step,
    schedule: { peak: 1, warmup, total: warmup + fall, floor },
  }));

export default exercise<typeof Solution>({
  title: 'Warm-up and cosine',
  chapter: 8,
  task: 'Write the learning rate as a function of the step: up along a line, down along half a cosine.',
  laws: ({ learningRate }) => {
    const schedule = { peak: 8, warmup: 3, total: 7, floor: 2 };
    return [
      example('peak 8, three steps of warm-up: the first has a quarter, 2, the fourth 8', () => {
        const first = [0, 1, 2, 3].map((step) => learningRate(step, schedule));
        expectClose('the first four', first, [2, 4, 6, 8]);
      }),
      example(
        'half-way down, at step 5, it is half-way between peak and floor; at step 7 at the floor',
        () => {
          const rates = [5, 7, 1000].map((step) => learningRate(step, schedule));
          expectClose('steps 5, 7 and 1000', rates, [5, 2, 2]);
        },
      ),
      law('it never rises after the warm-up', schedules, ({ step, schedule }) => {
        const [now, next] = [step, step + 1].map((s) => learningRate(schedule.warmup + s, schedule));
        expectThat(next <= now + 1e-12, `step ${schedule.warmup + step + 1}`, `at most ${now}`, next);
      }),
      law("it is the library's warmupCosine", schedules, ({ step, schedule }) => {
        expectClose(`learningRate(${step}, …)`, learningRate(step, schedule), warmupCosine(schedule)(step));
      }),
    ];
  },
});

import fc from 'fast-check';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectSame } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

/** Eighths and lengths of 1, 2 and 4: means are exact, and so are equals. */
const logProbability = fc.integer({ min: -24, max: -1 }).map((eighth) => eighth / 8);
const option = fc
  .constantFrom(1, 2, 4)
  .chain((length) => fc.array(logProbability, { minLength: length, maxLength: length }));
const questions = fc.record({ options: fc.array(option, { minLength: 1, maxLength: 4 }) });

export default exercise<typeof Solution>({
  title: 'A choice, by the length of its options',
  chapter: 9,
  task: 'Choose the option of a question that is likeliest per token, as the paper scores its tasks.',
  laws: ({ chooseOption }) => [
    example('a long option of likely tokens beats a short one of an unlikely token', () => {
      // Four tokens at −1 each against one at −2: in sum −4 against −2, per token −1 against −2.
      expectSame('chooseOption([[-2], [-1, -1, -1, -1]])', chooseOption([[-2], [-1, -1, -1, -1]]), 1);
    }),
    example('of equals the first', () => {
      expectSame('chooseOption([[-3], [-1], [-1, -1]])', chooseOption([[-3], [-1], [-1, -1]]), 1);
    }),
    law('no option has a larger mean, and none before it an equal one', questions, ({ options }) => {
      const means = options.map((logs) => logs.reduce((sum, log) => sum + log, 0) / logs.length);
      let best = 0;
      means.forEach((mean, i) => {
        if (mean > means[best]) best = i;
      });
      expectSame('the choice', chooseOption(options), best);
    }),
    law('writing an option twice in a row changes nothing', questions, ({ options }) => {
      const twice = options.map((logs, i) => (i === 0 ? [...logs, ...logs] : logs));
      expectSame('the choice, with its first option doubled', chooseOption(twice), chooseOption(options));
    }),
  ],
});

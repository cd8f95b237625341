import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);
const largest = (scores: readonly number[]): number => scores.indexOf(Math.max(...scores));

export default nearMisses<typeof Solution>([
  { mistake: 'the whole logarithm: short options win', chooseOption: (options) => largest(options.map(sum)) },
  {
    mistake: 'the mean of the probabilities, not of their logarithms',
    chooseOption: (options) => largest(options.map((logs) => sum(logs.map(Math.exp)) / logs.length)),
  },
  {
    mistake: 'of equals the last',
    chooseOption: (options) => {
      const means = options.map((logs) => sum(logs) / logs.length);
      return means.lastIndexOf(Math.max(...means));
    },
  },
  {
    mistake: 'the smallest: logarithms of probabilities are negative, and 0 is the best',
    chooseOption: (options) => {
      const means = options.map((logs) => sum(logs) / logs.length);
      return means.indexOf(Math.min(...means));
    },
  },
  {
    mistake: 'the largest is looked for from 0 up, where no logarithm is',
    chooseOption: (options) => {
      let best = 0;
      let score = 0;
      options.forEach((logs, i) => {
        if (sum(logs) / logs.length > score) [best, score] = [i, sum(logs) / logs.length];
      });
      return best;
    },
  },
]);

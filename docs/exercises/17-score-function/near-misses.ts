import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { scoreFunction } from './solution.ts';

function softmax(logits: readonly number[]): number[] {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

export default nearMisses<typeof Solution>([
  {
    mistake: 'the other classes are forgotten',
    scoreFunction: (logits, choice, reward, baseline) =>
      softmax(logits).map((p, k) => (k === choice ? (reward - baseline) * (1 - p) : 0)),
  },
  {
    mistake: 'the gradient of p, not of log p',
    scoreFunction: (logits, choice, reward, baseline) =>
      scoreFunction(logits, choice, reward, baseline).map((slope) => slope * softmax(logits)[choice]),
  },
  {
    mistake: 'downhill: the sign for a loss',
    scoreFunction: (logits, choice, reward, baseline) =>
      scoreFunction(logits, choice, reward, baseline).map((slope) => -slope),
  },
  {
    mistake: 'the baseline is taken off the result, not off the reward',
    scoreFunction: (logits, choice, reward, baseline) =>
      scoreFunction(logits, choice, reward, 0).map((slope) => slope - baseline),
  },
  {
    mistake: 'no baseline',
    scoreFunction: (logits, choice, reward) => scoreFunction(logits, choice, reward, 0),
  },
]);

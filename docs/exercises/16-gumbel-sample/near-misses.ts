import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

function largest(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}

export default nearMisses<typeof Solution>([
  { mistake: 'no noise', gumbelSample: (logits) => largest(logits) },
  {
    mistake: 'the same noise for every class',
    gumbelSample(logits, uniform) {
      const noise = -Math.log(-Math.log(uniform()));
      return largest(logits.map((logit) => logit + noise));
    },
  },
  {
    mistake: 'the sign outside is lost: a Gumbel of minima',
    gumbelSample: (logits, uniform) => largest(logits.map((logit) => logit + Math.log(-Math.log(uniform())))),
  },
  {
    mistake: 'one logarithm: noise of an exponential distribution',
    gumbelSample: (logits, uniform) => largest(logits.map((logit) => logit - Math.log(uniform()))),
  },
  {
    mistake: 'uniform noise',
    gumbelSample: (logits, uniform) => largest(logits.map((logit) => logit + uniform())),
  },
]);

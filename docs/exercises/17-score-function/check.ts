import fc from 'fast-check';
import { gradients, tensor } from 'hopgrad';
import { pick, someNumber } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const games = fc.integer({ min: 1, max: 4 }).chain((classes) =>
  fc.record({
    logits: fc.array(someNumber, { minLength: classes, maxLength: classes }),
    rewards: fc.array(someNumber, { minLength: classes, maxLength: classes }),
    baseline: someNumber,
  }),
);

const softmax = (logits: readonly number[]): number[] =>
  tensor([...logits], { dtype: 'float64' })
    .softmax()
    .toArray() as number[];

/** The gradient of Σ p · reward itself, by the library. */
function exact(logits: readonly number[], rewards: readonly number[]): number[] {
  const leaf = tensor([...logits], { dtype: 'float64', requiresGrad: true });
  const mean = leaf
    .softmax()
    .mul(tensor([...rewards], { dtype: 'float64' }))
    .sum();
  return gradients(mean, [leaf])[0].toArray() as number[];
}

export default exercise<typeof Solution>({
  title: 'The score function',
  chapter: 6,
  task: 'Estimate the gradient of a mean reward from one draw, without a gradient through the decision.',
  laws: ({ scoreFunction }) => {
    /** The mean of the estimates over what may be drawn: all classes, each as often as it comes. */
    const meanEstimate = (
      logits: readonly number[],
      rewards: readonly number[],
      baseline: number,
    ): number[] => {
      const p = softmax(logits);
      const estimates = rewards.map((reward, k) => scoreFunction(logits, k, reward, baseline));
      return logits.map((_, i) => estimates.reduce((sum, estimate, k) => sum + p[k] * estimate[i], 0));
    };
    return [
      example('logits [0, 0], class 1 drawn, reward 4: it should come more often, the other less', () => {
        expectClose('scoreFunction([0, 0], 1, 4, 0)', scoreFunction([0, 0], 1, 4, 0), [-2, 2]);
      }),
      law(
        'its mean over all draws is the gradient of the mean reward',
        pick(games, 'logits', 'rewards'),
        ({ logits, rewards }) => {
          expectClose('Σ p · estimate', meanEstimate(logits, rewards, 0), exact(logits, rewards));
        },
      ),
      law('so it is whatever the baseline', games, ({ logits, rewards, baseline }) => {
        expectClose('Σ p · estimate', meanEstimate(logits, rewards, baseline), exact(logits, rewards));
      }),
      law(
        'a reward equal to the baseline says nothing',
        pick(games, 'logits', 'baseline'),
        ({ logits, baseline }) => {
          expectClose(
            'the estimate',
            scoreFunction(logits, 0, baseline, baseline),
            logits.map(() => 0),
          );
        },
      ),
    ];
  },
});

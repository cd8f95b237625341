import fc from 'fast-check';
import { Random, tensor } from 'hopgrad';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectSame, expectThat } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const DRAWS = 4000;
/** Logits of at most four classes. */
const logits = fc.array(
  fc.integer({ min: -4, max: 4 }).map((half) => half / 2),
  { minLength: 2, maxLength: 4 },
);
const cases = fc.record({ logits, seed: fc.nat(1000) });

export default exercise<typeof Solution>({
  title: 'A Gumbel sample',
  chapter: 6,
  task: 'Draw from a softmax by adding Gumbel noise to the logits and taking the largest.',
  laws: ({ gumbelSample }) => [
    example(
      'logits [0, 0] with u = 0.9 and then 0.1: the first class, whose noise is 2.25 against −0.83',
      () => {
        const given = [0.9, 0.1];
        expectSame(
          'gumbelSample([0, 0], …)',
          gumbelSample([0, 0], () => given.shift() ?? Number.NaN),
          0,
        );
      },
    ),
    law('it asks for one random number a class', cases, ({ logits, seed }) => {
      const random = new Random(seed);
      let asked = 0;
      gumbelSample(logits, () => {
        asked++;
        return random.uniform();
      });
      expectSame('how many were asked for', asked, logits.length);
    }),
    law('a class with logit −Infinity never comes', cases, ({ logits, seed }) => {
      const random = new Random(seed);
      const masked = logits.with(0, -Infinity);
      const drawn = Array.from({ length: 50 }, () => gumbelSample(masked, () => random.uniform()));
      expectThat(!drawn.includes(0), 'what 50 draws from [−Infinity, …] gave', 'never class 0', drawn);
    }),
    law(
      `each class comes as often in ${DRAWS} draws as softmax says, within 5 standard deviations`,
      cases,
      ({ logits, seed }) => {
        const random = new Random(seed).fork('draws');
        const counts = logits.map(() => 0);
        for (let i = 0; i < DRAWS; i++) counts[gumbelSample(logits, () => random.uniform())]++;
        const probabilities = tensor([...logits], { dtype: 'float64' })
          .softmax()
          .toArray() as number[];
        probabilities.forEach((p, k) => {
          const slack = 5 * Math.sqrt((p * (1 - p)) / DRAWS);
          const share = counts[k] / DRAWS;
          const words = `${(p - slack).toFixed(3)} to ${(p + slack).toFixed(3)}`;
          expectThat(Math.abs(share - p) <= slack, `the share of class ${k}`, words, share);
        });
      },
      { runs: 30 },
    ),
  ],
});

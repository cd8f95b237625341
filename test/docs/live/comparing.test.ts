/** What is drawn and said of two runs. */
import { describe, expect, it } from 'vitest';
import { defaultExperiment, tidy } from '../../../docs/.vitepress/theme/live/training/experiment.ts';
import { choicesWith, fields, fieldsOf } from '../../../docs/.vitepress/theme/live/training/fields.ts';
import {
  agreement,
  densityOfTwo,
  differenceOfTwo,
  lastHeldOut,
  lossOfTwo,
  speedOf,
} from '../../../docs/.vitepress/theme/live/training/figures.ts';
import type { Final, Point } from '../../../docs/.vitepress/theme/live/training/protocol.ts';
import {
  defaultSides,
  nameIn,
  OWN,
  SHARED,
  sideOf,
  stateOf,
  tidySides,
} from '../../../docs/.vitepress/theme/live/training/sides.ts';
import { verdict } from '../../../docs/.vitepress/theme/live/training/verdict.ts';
import { readState, writeState } from '../../../docs/.vitepress/theme/live/url-state.ts';
import { createDocument } from '../../../src/report/document.ts';

const options = { width: 400, document: createDocument() };

/** A run whose loss falls by `slope` a step, measured every tenth. */
function curve(steps: number, slope: number): Point[] {
  return Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    trainLoss: 4 - slope * i,
    ...(i % 10 === 9 ? { valLoss: 4 - slope * i, densityArgmax: 0.4 } : {}),
    auxiliaryLoss: 0,
    densitySampled: 0.5,
    densityPerLayer: [0.5],
    learningRate: 0.01,
    gradNorm: 1,
    tokensPerSecond: 100,
    flops: 10,
    denseFlops: 20,
    totalFlops: 1e9 * (i + 1),
  }));
}

const final = (losses: number[], flops = 50): Final => ({ losses, density: 0.5, flops, denseFlops: 100 });

describe('figures of two runs', () => {
  const runs = [curve(200, 0.01), curve(150, 0.005)];

  it('draws both over steps and over operations, with their ends in words', () => {
    const overSteps = lossOfTwo(runs, 'step', options);
    expect(overSteps).toContain('A 2.010, B 3.255');
    expect(overSteps).toContain('A training');
    expect(overSteps).toContain('>step →<');
    expect(lossOfTwo(runs, 'flops', options)).toContain('FLOPs executed');
    expect(densityOfTwo(runs, 0.35, options)).toContain('A 50.0%, B 50.0%');
  });

  it('draws the difference where both were measured', () => {
    expect(differenceOfTwo(runs, options)).toContain('at the end 0.745');
    expect(differenceOfTwo([runs[0], []], options)).toContain('at the end –');
  });

  it('draws nothing of nothing', () => {
    for (const none of [[], [[], []]]) {
      for (const svg of [
        lossOfTwo(none, 'step', options),
        densityOfTwo(none, undefined, options),
        differenceOfTwo(none, options),
      ]) {
        expect(svg).toMatch(/^<svg/);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  it('knows the last measurement, and the speed as tokens over time', () => {
    expect(lastHeldOut(runs[1])).toBeCloseTo(3.255);
    const [first, second] = curve(2, 0);
    expect(speedOf([first, { ...second, tokensPerSecond: 300 }])).toBeCloseTo(150);
  });

  it('counts in how much two maps agree', () => {
    const tokens = ['a', 'b'];
    const a = { tokens, active: [[true, false]] };
    expect(agreement(a, a)).toEqual({ share: 1, byChance: 0.5 });
    expect(agreement(a, { tokens, active: [[false, true]] })).toEqual({ share: 0, byChance: 0.5 });
    expect(agreement(a, { tokens: ['a', 'c'], active: [[false, true]] })).toBeNull();
    expect(agreement({ tokens: [], active: [[]] }, { tokens: [], active: [[]] })).toBeNull();
  });
});

describe('the verdict', () => {
  it('names the better one, and says that one seed is one', () => {
    const said = verdict([{ seed: 3, a: final([2, 2.1, 2.2]), b: final([2.31, 2.4, 2.5]) }]);
    expect(said.headline).toMatch(/^A ends lower by 0\.303 nats per character: 2\.100 against 2\.403/);
    expect(said.caveat).toContain('One seed each (3)');
    expect(said.caveat).toContain('+0.303 ± 0.003');
    expect(said.cost).toContain('about the same');
  });

  it('sees no difference where batches differ more', () => {
    const said = verdict([{ seed: 0, a: final([2, 2.1, 2.2]), b: final([2.2, 1.9, 2.21]) }]);
    expect(said.headline).toMatch(/^No difference beyond .*: A 2\.100, B 2\.103/);
  });

  it('sees none in a single batch, whatever it says', () => {
    expect(verdict([{ seed: 0, a: final([2]), b: final([3]) }]).headline).toMatch(/^No difference/);
  });

  it('takes the spread between seeds where there are several', () => {
    const better = verdict([
      { seed: 0, a: final([2.3, 2.31]), b: final([2, 2.01]) },
      { seed: 1, a: final([2.4]), b: final([2.05]) },
    ]);
    expect(better.headline).toMatch(/^B is better by 0\.32[45] .* the means of 2 seeds\.$/);
    expect(better.caveat).toContain('−0.300 (seed 0), −0.350 (seed 1)');
    expect(better.caveat).toContain('The sign is the same each time');
    const mixed = verdict([
      { seed: 0, a: final([2.3, 2.31]), b: final([2, 2.01]) },
      { seed: 1, a: final([2]), b: final([2.2]) },
    ]);
    expect(mixed.headline).toMatch(/^B is lower by .* in the mean of 2 seeds, .* cannot tell from chance\.$/);
    expect(mixed.caveat).toContain('The sign changes from seed to seed');
  });

  it('minds the cost', () => {
    const said = verdict([{ seed: 0, a: final([2, 2], 50), b: final([1, 1], 100) }]);
    expect(said.cost).toBe(
      'Mind the cost: on held-out text A runs 50% of its dense operations, B 100%; B takes 2.00 times the operations per character.',
    );
  });
});

describe('two sides in one address', () => {
  it('come apart and together again', () => {
    const a = { ...defaultExperiment, layers: 3, seed: 4 };
    const b = { ...defaultExperiment, router: 'none' as const, seed: 4 };
    const state = stateOf(a, b);
    expect([sideOf(state, 'a'), sideOf(state, 'b')]).toEqual([a, b]);
    expect(sideOf(readState(writeState(state, defaultSides), defaultSides), 'b')).toEqual(b);
    expect([nameIn('b', 'router'), nameIn('b', 'seed')]).toEqual(['b_router', 'seed']);
  });

  it('have every setting once, and a field for each', () => {
    const names = Object.keys(defaultExperiment).sort();
    expect([...SHARED, ...OWN].sort()).toEqual(names);
    expect(fields.map(({ setting }) => setting).sort()).toEqual(names);
    expect(fieldsOf(['seed', 'router']).map(({ setting }) => setting)).toEqual(['seed', 'router']);
  });

  it('are tidied each', () => {
    const state = tidySides({ ...defaultSides, a_layers: 99, b_density: -1 });
    expect(state).toMatchObject({ a_layers: 12, b_density: 0.05 });
    expect(tidy(sideOf(state, 'a'))).toEqual(sideOf(state, 'a'));
  });

  it('show a choice that an address brought', () => {
    const [field] = fieldsOf(['learningRate']);
    if (field.kind !== 'choice') throw new Error('it is chosen');
    expect(choicesWith(field, 0.003).at(-1)).toEqual({ value: 0.003, label: '0.003' });
    expect(choicesWith(field, 0.01)).toBe(field.choices);
  });
});

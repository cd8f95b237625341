import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/report/reproduction/types.ts';
import { claimsOf, denseLossAt } from '../../src/reproduce/claims.ts';
import { groupCells } from '../../src/reproduce/groups.ts';
import type { CellResult } from '../../src/reproduce/types.ts';
import { type FakePlace, fakeCell } from './fake-cells.ts';

interface Made extends FakePlace {
  loss: number;
  flops: number;
  run?: number;
  /** Scores of two tasks, of chance 0.25. */
  scores?: [number, number];
}

/** A cell with the figures that claims are made from. */
function made({ loss, flops, run, scores, ...place }: Made): CellResult {
  const cell = fakeCell(place);
  return {
    ...cell,
    text: {
      ...cell.text,
      loss,
      flopsPerToken: flops,
      layersPerToken: run ?? place.layers * (place.density ?? 1),
    },
    tasks: (scores ?? []).map((score, i) => ({
      name: `task ${i + 1}`,
      metric: 'accuracy',
      questions: 200,
      score,
      chance: 0.25,
      layersPerToken: 1,
      flopsPerToken: flops,
    })),
  };
}

/** Three seeds of a model; a value per seed may be given by a function. */
function three(place: Omit<Made, 'seed'>, spread: number[] = [0, 0.001, -0.001]): CellResult[] {
  return spread.map((off, seed) => made({ ...place, seed, loss: place.loss + off }));
}

const dense = [
  ...three({ model: 'dense', layers: 3, loss: 2, flops: 100 }),
  ...three({ model: 'dense', layers: 4, loss: 5 / 3, flops: 100 * 4 ** (1 / 3) }),
  ...three({ model: 'dense', layers: 5, loss: 4 / 3, flops: 100 * 4 ** (2 / 3) }),
  ...three({ model: 'dense', layers: 6, loss: 1, flops: 400 }),
];
const random = three({ model: 'random', layers: 6, density: 0.5, loss: 1.8, flops: 200 });
const learned = { model: 'learned-b', layers: 6, density: 0.5, flops: 200 };

function claimOf(cells: readonly CellResult[], measure: string = 'held-out loss'): Claim {
  const { claims, taskClaims } = claimsOf(groupCells(cells));
  return [...claims, ...taskClaims].find((claim) => claim.measure === measure)!;
}

describe('beside a random gate', () => {
  const beside = (...cells: CellResult[]): Claim['random'] => claimOf([...dense, ...cells]).random;

  it('is better, worse or not to be told apart by the interval of the paired difference', () => {
    const better = beside(...random, ...three({ ...learned, loss: 1.6 }));
    expect(better.verdict).toBe('better');
    expect(better.advantage!.mean).toBeCloseTo(0.2, 9);
    expect(beside(...random, ...three({ ...learned, loss: 1.9 })).verdict).toBe('worse');
    for (const loss of [1.79, 1.81]) {
      const unclear = beside(...random, ...three({ ...learned, loss }, [0, 0.1, -0.1]));
      expect(unclear.verdict).toBe('no difference seen');
      expect(unclear.advantage!.mean).toBeCloseTo(1.8 - loss, 9);
    }
  });

  it('is not tested without one of the same layers, density and kind', () => {
    const own = three({ ...learned, loss: 1.6 });
    const others: Partial<Made>[] = [{ layers: 12 }, { density: 0.25 }, { wraps: 'attention' }];
    for (const other of others) {
      const gate = three({ model: 'random', layers: 6, density: 0.5, loss: 1.8, flops: 200, ...other });
      expect(beside(...gate, ...own)).toMatchObject({ verdict: 'not tested', advantage: null });
    }
  });

  it('is the gate with the same P in every layer', () => {
    const uneven = (cells: CellResult[]): CellResult[] =>
      cells.map((cell) => {
        const model = { ...cell.config.model, density: [1, 1, 0.25, 0.25, 0.25, 0.25] };
        return { ...cell, config: { ...cell.config, model } };
      });
    const own = uneven(three({ ...learned, loss: 1.6 }));
    expect(beside(...random, ...own).verdict).toBe('not tested');
    const gate = uneven(random).map((cell) => ({ ...cell, model: 'always-on-random' }));
    expect(beside(...random, ...gate, ...own).advantage!.mean).toBeCloseTo(0.2, 9);
  });

  it('is trained and read as the gate is', () => {
    const own = three({ ...learned, loss: 1.6 });
    const falling = random.map((cell) => {
      const training = { ...cell.config.training, densityFallStart: 0.3, densityFallEnd: 0.7 };
      return { ...cell, config: { ...cell.config, training } };
    });
    expect(beside(...falling, ...own).verdict).toBe('not tested');
    const withoutKeys = own.map((cell) => {
      const model = { ...cell.config.model, dropSkippedKeys: true };
      return { ...cell, config: { ...cell.config, model } };
    });
    expect(beside(...random, ...withoutKeys).verdict).toBe('not tested');
    expect(beside(...random, ...own).verdict).toBe('better');
  });

  it('is not tested where one of the two runs more layers, but shows the difference', () => {
    const more = beside(...random, ...three({ ...learned, loss: 1.6, run: 3.4 }));
    expect(more.verdict).toBe('not tested');
    expect(more.reason).toBe('it runs 3.40 layers per token, the random gate 3.00');
    expect(more.advantage!.mean).toBeCloseTo(0.2, 9);
    expect(beside(...random, ...three({ ...learned, loss: 1.6, run: 3.1 })).verdict).toBe('better');
  });

  it('stands between gates of lower and higher density for a model that does not keep to its own', () => {
    // Halfway between 3 and 4.5 layers on a logarithmic scale, so halfway between their losses, in each seed.
    const denser = three(
      { model: 'random', layers: 6, density: 0.75, loss: 1.4, flops: 300 },
      [0, 0.003, -0.003],
    );
    const own = three({ ...learned, loss: 1.5, run: Math.sqrt(3 * 4.5) }, [0, 0.002, -0.002]);
    const { verdict, advantage } = beside(...random, ...denser, ...own);
    expect(verdict).toBe('better');
    expect(advantage!.mean).toBeCloseTo(0.1, 9);
    expect(advantage!.half).toBeLessThan(1e-9); // seed by seed the same
    const outside = beside(...random, ...denser, ...three({ ...learned, loss: 1.5, run: 4.6 }));
    expect(outside.verdict).toBe('not tested');
    const far = three({ model: 'random', layers: 6, density: 0.95, loss: 1.4, flops: 300 });
    expect(beside(...random, ...far, ...own).verdict).toBe('not tested');
  });

  it('is not tested with one seed', () => {
    const { verdict, reason } = beside(random[0], made({ ...learned, seed: 0, loss: 1.6 }));
    expect([verdict, reason]).toEqual(['not tested', 'it takes 2 seeds to tell a difference from chance']);
  });
});

describe('beside a dense model of the same FLOPs', () => {
  it('stands halfway between depths of which one has half and one twice the FLOPs', () => {
    const { dense: beside } = claimOf([...dense, ...random, ...three({ ...learned, loss: 1.6 })]);
    expect(beside.verdict).toBe('worse');
    expect(beside.advantage!.mean).toBeCloseTo(-0.1, 9);
  });

  it('is exact where loss is linear in the logarithm of FLOPs, seed by seed', () => {
    const slope = fc.double({ min: -1, max: 1, noNaN: true });
    const flops = fc.double({ min: 100, max: 1600, noNaN: true });
    fc.assert(
      fc.property(slope, flops, fc.nat(2), (a, at, seed) => {
        const line = (x: number): number => 2 + seed / 10 + a * Math.log(x);
        const curve = [100, 170, 280, 470, 800, 1000, 1600].flatMap((x, i) =>
          [0, 1, 2].map((s) =>
            made({ model: 'dense', layers: i + 2, flops: x, seed: s, loss: line(x) + s - seed }),
          ),
        );
        const cell = made({ ...learned, flops: at, seed, loss: 1 });
        expect(denseLossAt(groupCells(curve), cell)).toBeCloseTo(line(at), 9);
      }),
    );
  });

  it('is not tested where the next smaller and the next larger one are far apart', () => {
    const few = dense.filter(({ layers }) => layers === 3 || layers === 6);
    const { dense: beside } = claimOf([...few, ...three({ ...learned, loss: 0.5 })]);
    expect(beside).toMatchObject({ verdict: 'not tested', advantage: null });
  });

  it('is not tested where one of the seeds lies outside their range', () => {
    const cells = three({ ...learned, loss: 0.5 });
    cells[2].text.flopsPerToken = 500;
    expect(claimOf([...dense, ...cells]).dense.verdict).toBe('not tested');
  });

  it('is not tested outside their range, nor without the same seed', () => {
    for (const flops of [99, 401]) {
      const { dense: beside } = claimOf([...dense, ...three({ ...learned, flops, loss: 1.6 })]);
      expect(beside).toMatchObject({ verdict: 'not tested', advantage: null });
    }
    for (const flops of [100, 400]) {
      expect(claimOf([...dense, ...three({ ...learned, flops, loss: 0.5 })]).dense.verdict).toBe('better');
    }
    const unpaired = claimOf([
      ...dense,
      made({ ...learned, seed: 7, loss: 1.6 }),
      made({ ...learned, seed: 8, loss: 1.6 }),
    ]);
    expect(unpaired.dense.verdict).toBe('not tested');
  });
});

describe('a claim', () => {
  it('is as good as the less favourable control, and not tested where one is not', () => {
    const cases: [number, CellResult[], string][] = [
      [1.2, random, 'better'],
      [1.6, random, 'worse'],
      [1.2, [], 'not tested'],
    ];
    for (const [loss, gates, verdict] of cases) {
      expect(claimOf([...dense, ...gates, ...three({ ...learned, loss })]).verdict).toBe(verdict);
    }
  });

  it('is made of every routed model, and of none of the controls', () => {
    const { claims } = claimsOf(groupCells([...dense, ...random, ...three({ ...learned, loss: 1.6 })]));
    expect(claims.map(({ row }) => row)).toEqual(['learned-b (6, 50%)']);
  });

  it("has the paper's comparison beside it, with what it costs", () => {
    const { equalDepth } = claimOf([...dense, ...random, ...three({ ...learned, loss: 1.6 })]);
    expect(equalDepth.verdict).toBe('better');
    expect(equalDepth.advantage!.mean).toBeCloseTo(0.4, 9);
    expect(equalDepth.flopsRatio).toBeCloseTo(2, 9);
  });

  it('leaves that out where parts of layers are skipped', () => {
    const { equalDepth } = claimOf([...dense, ...three({ ...learned, loss: 1.6, wraps: 'attention' })]);
    expect(equalDepth.verdict).toBe('not tested');
  });
});

describe('by tasks', () => {
  const scored = (place: Omit<Made, 'loss' | 'scores'>, scores: [number, number]) =>
    three({ ...place, loss: 1.5, scores });
  const controls = (below: [number, number]) => [
    ...scored({ model: 'dense', layers: 3, flops: 100 }, below),
    ...scored({ model: 'dense', layers: 6, flops: 178 }, [0.9, 0.9]),
    ...scored({ model: 'random', layers: 6, density: 0.5, flops: 200 }, [0.3, 0.3]),
  ];
  const learned = { model: 'learned-b', layers: 6, density: 0.5, flops: 100 * Math.sqrt(1.78) };

  it('counts those that the dense model of no more FLOPs does 20 points above chance', () => {
    const cells = [...controls([0.46, 0.44]), ...scored(learned, [0.8, 0.1])];
    const whole = claimOf(cells, 'hop-24');
    expect(whole.tasks).toEqual(['task 1']);
    expect(whole.random.advantage!.mean).toBeCloseTo(0.5, 9);
    expect(whole.dense.advantage!.mean).toBeCloseTo(0.8 - (0.46 + 0.9) / 2, 9);
    expect(whole.verdict).toBe('better');
    expect(claimOf(cells, 'task 1').verdict).toBe('better');
    const untold = claimOf(cells, 'task 2');
    expect([untold.verdict, untold.dense.reason]).toEqual([
      'not tested',
      'the next smaller dense model is not 20 points above chance, or not there',
    ]);
  });

  it('tests nothing where that model is guessing, or where there is none', () => {
    expect(claimOf([...controls([0.3, 0.3]), ...scored(learned, [0.9, 0.9])], 'hop-24').verdict).toBe(
      'not tested',
    );
    const cheap = [...controls([0.9, 0.9]), ...scored({ ...learned, flops: 50 }, [0.9, 0.9])];
    expect(claimOf(cheap, 'hop-24')).toMatchObject({ verdict: 'not tested', tasks: [] });
  });

  it('ask for the same density on the tasks, whatever it is on text', () => {
    const cells = [...controls([0.46, 0.44]), ...scored(learned, [0.8, 0.1])];
    for (const cell of cells.filter(({ model }) => model === 'random')) {
      for (const task of cell.tasks) task.layersPerToken = 0.9;
    }
    const { random: beside } = claimOf(cells, 'hop-24');
    expect(beside.verdict).toBe('not tested');
    expect(beside.reason).toBe('it runs 1.00 layers per token, the random gate 0.90');
  });

  it('takes three seeds to judge a single task, and two for all of them together', () => {
    const cells = [...controls([0.46, 0.44]), ...scored(learned, [0.8, 0.1])].filter(({ seed }) => seed < 2);
    expect(claimOf(cells, 'hop-24').verdict).toBe('better');
    expect(claimOf(cells, 'task 1').random.reason).toBe('it takes 3 seeds to tell a difference from chance');
  });

  it('makes none where no task was asked', () => {
    const { claims, taskClaims } = claimsOf(groupCells([...dense, ...three({ ...learned, loss: 1.6 })]));
    expect(claims.map(({ measure }) => measure)).toEqual(['held-out loss']);
    expect(taskClaims).toEqual([]);
  });
});

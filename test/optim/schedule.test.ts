import { describe, expect, it } from 'vitest';
import {
  constant,
  inverseSquareRoot,
  makeSchedule,
  ramp,
  type Schedule,
  type ScheduleName,
  schedules,
  warmupCosine,
} from '../../src/optim/schedule.ts';

function at(schedule: Schedule, steps: readonly number[]): number[] {
  return steps.map(schedule);
}

function expectValues(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value, `value ${i}`).toBeCloseTo(expected[i], 14));
}

describe('schedules', () => {
  it('constant is the same at every step', () => {
    expect(at(constant(0.3), [0, 1, 1e9])).toEqual([0.3, 0.3, 0.3]);
  });

  it('ramp goes from one value to the other and stays there', () => {
    expect(at(ramp(1, 3, 4), [0, 1, 2, 3, 4, 5, 100])).toEqual([1, 1.5, 2, 2.5, 3, 3, 3]);
    expect(at(ramp(1, 0, 2), [0, 1, 2])).toEqual([1, 0.5, 0]);
    expect(ramp(1, 3, 0)(0)).toBe(3);
  });

  it('warmupCosine rises along a line, peaks after the warm-up, and falls to the floor', () => {
    const schedule = warmupCosine({ peak: 1, warmup: 4, total: 12, floor: 0.2 });
    expectValues(at(schedule, [0, 1, 2, 3, 4]), [0.2, 0.4, 0.6, 0.8, 1]);
    expectValues(at(schedule, [6, 8, 10]), [
      0.2 + 0.4 * (1 + Math.SQRT1_2),
      0.6,
      0.2 + 0.4 * (1 - Math.SQRT1_2),
    ]);
    expect(at(schedule, [12, 13, 1000])).toEqual([0.2, 0.2, 0.2]);
    const after = Array.from({ length: 9 }, (_, i) => schedule(4 + i));
    expect(after).toEqual(after.toSorted((a, b) => b - a));
  });

  it('warmupCosine needs no warm-up, no floor, and no room after the warm-up', () => {
    expectValues(at(warmupCosine({ peak: 2, warmup: 0, total: 2 }), [0, 1, 2]), [2, 1, 0]);
    expectValues(at(warmupCosine({ peak: 3, warmup: 2, total: 2, floor: 1 }), [0, 1, 2]), [1, 2, 1]);
  });

  it('inverseSquareRoot is constant for the first warm-up steps, then halves over four times as many', () => {
    const schedule = inverseSquareRoot({ peak: 0.1, warmup: 10_000 });
    expectValues(at(schedule, [0, 5_000, 9_999]), [0.1, 0.1, 0.1]);
    expect(schedule(10_000)).toBeLessThan(0.1);
    expectValues(at(schedule, [39_999, 89_999]), [0.05, 0.1 / 3]);
    expectValues(at(inverseSquareRoot({ peak: 1, warmup: 0 }), [0, 3]), [1, 0.5]);
  });

  it('come by name, and an unknown name is answered with the known ones', () => {
    const options = { peak: 0.5, warmup: 2, total: 10, floor: 0.1 };
    const same: Record<ScheduleName, Schedule> = {
      constant: constant(0.5),
      linear: ramp(0.5, 0.1, 10),
      warmupCosine: warmupCosine(options),
      inverseSquareRoot: inverseSquareRoot(options),
    };
    expect(Object.keys(schedules).sort()).toEqual(Object.keys(same).sort());
    for (const [name, schedule] of Object.entries(same)) {
      const steps = [0, 1, 2, 5, 9, 10, 20];
      expect(at(makeSchedule(name, options), steps), name).toEqual(at(schedule, steps));
    }
    for (const name of ['cosine', 'toString']) {
      expect(() => makeSchedule(name, options)).toThrow(
        `makeSchedule: there is no schedule '${name}'; choose one of: ` +
          'constant, linear, warmupCosine, inverseSquareRoot.',
      );
    }
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { type Asked, askedCommand, askedFor, readAsked, writeAsked } from '../../src/reproduce/asked.ts';
import { grid } from '../../src/reproduce/grid.ts';
import { freshPath } from '../train/tiny.ts';

const count = fc.integer({ min: 1, max: 1e6 });
const anything: fc.Arbitrary<Asked> = fc.record({
  quick: fc.boolean(),
  seed: fc.nat(),
  seeds: count,
  steps: count,
  questions: count,
});

test('what is not asked for is as usual, in the grid too', () => {
  for (const quick of [false, true]) expect(grid(askedFor({ quick }))).toEqual(grid({ quick }));
  expect(askedFor({ quick: true, steps: 7 })).toMatchObject({ quick: true, seed: 0, steps: 7 });
  expect(askedFor().questions).toBeGreaterThan(askedFor({ quick: true }).questions);
});

const folder = freshPath();
property.prop([anything])('a folder knows what was asked for', (asked) => {
  mkdirSync(folder, { recursive: true });
  writeAsked(folder, asked);
  expect(readAsked(folder)).toEqual(asked);
});

test('the command line says what is not usual', () => {
  expect(askedCommand(askedFor())).toBe('hopgrad reproduce');
  expect(askedCommand(askedFor({ quick: true, seeds: 1 }))).toBe('hopgrad reproduce --quick --seeds 1');
  expect(askedCommand(askedFor({ seed: 3, steps: 9, questions: 2 }))).toBe(
    'hopgrad reproduce --seed 3 --steps 9 --questions 2',
  );
});

test.each(['', '{}', '{"quick":true,"seed":0,"seeds":0,"steps":1,"questions":1}'])(
  '%j tells nothing',
  (text) => {
    const damaged = freshPath();
    expect(readAsked(damaged)).toBe(null);
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'grid.json'), text);
    expect(readAsked(damaged)).toBe(null);
  },
);

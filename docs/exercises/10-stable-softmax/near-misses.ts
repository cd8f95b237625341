import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

function shiftedBy(row: readonly number[], shift: number): number[] {
  const powers = row.map((x) => Math.exp(x - shift));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

export default nearMisses<typeof Solution>([
  { mistake: 'the formula as it stands', softmax: (row) => shiftedBy(row, 0) },
  { mistake: 'shifted by the first number', softmax: (row) => shiftedBy(row, row[0]) },
  {
    mistake: 'shifted by the largest magnitude: a row of large negative numbers is 0 / 0',
    softmax: (row) => shiftedBy(row, Math.max(...row.filter(Number.isFinite).map(Math.abs))),
  },
  {
    mistake: 'shifted by the mean, which a masked place makes infinite',
    softmax: (row) => shiftedBy(row, row.reduce((sum, x) => sum + x, 0) / row.length),
  },
  {
    mistake: 'the largest is looked for from 0 up',
    softmax: (row) => shiftedBy(row, Math.max(0, ...row)),
  },
]);

/** Means over a few seeds with 95 % intervals. */
import { mean } from '../evaluate/evaluate.ts';
import type { Estimate } from '../report/reproduction/types.ts';

/** The mean of values with its interval, by Student's t. */
export function meanInterval(values: readonly number[]): Estimate {
  const seeds = values.length;
  const half = seeds < 2 ? Number.NaN : tQuantile(seeds - 1) * Math.sqrt(variance(values) / seeds);
  return { mean: mean(values), half, seeds };
}

/** The mean of a minus that of b, drawn apart, with Welch's interval: variances may differ. `seeds` is the smaller count. */
export function welchDifference(a: readonly number[], b: readonly number[]): Estimate {
  const seeds = Math.min(a.length, b.length);
  return { mean: mean(a) - mean(b), half: seeds < 2 ? Number.NaN : welchHalf(a, b), seeds };
}

function welchHalf(a: readonly number[], b: readonly number[]): number {
  const [va, vb] = [variance(a) / a.length, variance(b) / b.length];
  if (va + vb === 0) return 0;
  const share = va / (va + vb);
  const freedom = 1 / (share ** 2 / (a.length - 1) + (1 - share) ** 2 / (b.length - 1));
  return tQuantile(freedom) * Math.sqrt(va + vb);
}

/**
 * The mean of a minus that of b, by seed. Seeds that both have are paired, for they share batches and much of their luck;
 * where there are not two of these, the means are taken apart (`welchDifference`).
 */
export function difference(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Estimate {
  const shared = [...a.keys()].filter((seed) => b.has(seed));
  if (shared.length >= 2) return meanInterval(shared.map((seed) => a.get(seed)! - b.get(seed)!));
  return welchDifference([...a.values()], [...b.values()]);
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

const STEPS = 8000;
const known = new Map<number, number>();

/**
 * The t that 2.5 % of Student's distribution lie above, to four digits.
 *
 * @param freedom ν, from 1 up, whole or not; more than 500 count as 500
 */
export function tQuantile(freedom: number): number {
  const nu = Math.min(freedom, 500);
  if (!known.has(nu)) known.set(nu, solve(nu));
  return known.get(nu)!;
}

/**
 * With t = √ν · cot φ, the share above t is the integral of (sin φ)^(ν-1) from 0, over twice the one to π/2.
 * φ = (π/2) · u⁴ makes the integrand smooth for any ν from 1 up.
 */
function solve(nu: number): number {
  const angle = (u: number): number => (Math.PI / 2) * u ** 4;
  const density = (u: number): number => Math.sin(angle(u)) ** (nu - 1) * u ** 3;
  // sums[i]: the integral to u = i / STEPS, up to a factor, by Simpson's rule.
  const sums = [0];
  for (let i = 0; i < STEPS; i++) {
    const [from, to] = [i / STEPS, (i + 1) / STEPS];
    sums.push(sums[i] + density(from) + 4 * density((from + to) / 2) + density(to));
  }
  const wanted = 0.05 * sums[STEPS];
  const next = sums.findIndex((sum) => sum >= wanted);
  const u = (next - 1 + (wanted - sums[next - 1]) / (sums[next] - sums[next - 1])) / STEPS;
  return Math.sqrt(nu) / Math.tan(angle(u));
}

/** How far a dialect's layer normalisation may be from the float64 reference, in roundings of the terms of its results. */
import type { HostView } from '../../kernels/strides.ts';
import type { ExpectParity } from './parity.ts';
import { resultOf } from './views.ts';

export interface Inputs {
  readonly g: HostView;
  readonly x: HostView;
  readonly weight: HostView;
  readonly bias: HostView;
  readonly epsilon: number;
}

/** What a dialect states of itself. */
export interface Accuracy {
  /** The size of x̂ whose roundings count, before its division by √(variance + ε): of an element of a row. */
  readonly distance: (values: readonly number[], i: number, mean: number, variance: number) => number;
  /** Roundings of the sum that is dBias, however many rows it is taken over. */
  readonly biasRoundings: number;
  /** Below this a result counts as 0. */
  readonly tiny: number;
}

/** Half the distance from 1 to the next float32. */
export const ROUNDING: number = 2 ** -24;

/** In float64: x̂ as above, 1 / √(variance + ε), h = |g w| + its mean, and the mean of h x̂. */
function sizesOf(
  { g, x, weight, epsilon }: Inputs,
  { distance }: Accuracy,
): Record<'normal' | 'rstd' | 'h' | 'hNormal', number[]> {
  const [rows, columns] = x.shape;
  const [normal, rstd, h, hNormal]: number[][] = [[], [], [], []];
  for (let row = 0; row < rows; row++) {
    const places = Array.from({ length: columns }, (_, i) => row * columns + i);
    const values = places.map((at) => x.buffer[x.offset + at]);
    const mean = values.reduce((sum, value) => sum + value, 0) / columns;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns;
    const scale = 1 / Math.sqrt(variance + epsilon);
    let [sumH, sumHNormal] = [0, 0];
    places.forEach((at, i) => {
      normal[at] = distance(values, i, mean, variance) * scale;
      rstd[at] = scale;
      h[at] = Math.abs(g.buffer[g.offset + at] * weight.buffer[weight.offset + i]);
      sumH += h[at];
      sumHNormal += h[at] * normal[at];
    });
    for (const at of places) {
      h[at] += sumH / columns;
      hNormal[at] = sumHNormal / columns;
    }
  }
  return { normal, rstd, h, hNormal };
}

/** Eight roundings of x̂ w, and two of the bias. */
export function expectLayerNorm(expectParity: ExpectParity, accuracy: Accuracy, given: Inputs): void {
  const { x, weight, bias, epsilon } = given;
  const [, columns] = x.shape;
  const { normal } = sizesOf(given, accuracy);
  expectParity('layerNorm', [x, weight, bias, epsilon, resultOf(x.shape, 'float32')], {
    slack: (_, at) => {
      const [w, b] = [weight, bias].map(({ buffer, offset }) => Math.abs(buffer[offset + (at % columns)]));
      return accuracy.tiny + ROUNDING * (8 * w * normal[at] + 2 * b);
    },
  });
}

/** Ten roundings of the terms of dx, and of dWeight's ten, however many rows they are summed over. */
export function expectLayerNormBackward(expectParity: ExpectParity, accuracy: Accuracy, given: Inputs): void {
  const { g, x, weight, epsilon } = given;
  const { tiny, biasRoundings } = accuracy;
  const [rows, columns] = x.shape;
  const [dx, dWeight, dBias] = [x.shape, [columns], [columns]].map((shape) => resultOf(shape, 'float32'));
  const { normal, rstd, h, hNormal } = sizesOf(given, accuracy);
  const columnSum = (column: number, term: (at: number) => number): number => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += Math.abs(term(row * columns + column));
    return sum;
  };
  expectParity('layerNormBackward', [g, x, weight, epsilon, dx, dWeight, dBias], {
    results: [dx, dWeight, dBias],
    slack: (_, at, result) => {
      if (result === dx) return tiny + 10 * ROUNDING * rstd[at] * (h[at] + normal[at] * hNormal[at]);
      const gs = (place: number): number => g.buffer[g.offset + place];
      if (result === dBias) return tiny + biasRoundings * ROUNDING * columnSum(at, gs);
      return tiny + 10 * ROUNDING * columnSum(at, (place) => gs(place) * normal[place]);
    },
  });
}

import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Moments, Optimizer, requireRange, type Trainable } from './optimizer.ts';

export interface AdafactorOptions {
  /** Decay rate of the average squared gradient. Default 0.99, as in SkipLayer. */
  beta2?: number;
  /** c: instead of a fixed beta2, decay by 1 − t⁻ᶜ, which tends to 1. Shazeer & Stern propose 0.8. Default: off. */
  decayExponent?: number;
  /** d: an update whose root mean square is above it is scaled down to it; Infinity turns this off. Default 1. */
  clipThreshold?: number;
  /** Multiply the learning rate by the parameter's root mean square, or by epsilon2 if that is more. Default false. */
  parameterScaling?: boolean;
  /** ε1, added to squared gradients. Default 1e-30. */
  epsilon1?: number;
  /** ε2, the smallest scale of a parameter under `parameterScaling`. Default 1e-3. */
  epsilon2?: number;
  /** Default 0. Decoupled, as in AdamW: θ ← (1 − η λ) θ, whatever the parameter's scale. */
  weightDecay?: number;
}

/**
 * Adafactor (Shazeer & Stern 2018, Algorithms 4 and 5) without first moment (β1 = 0): the second moment of a matrix is
 * kept as the means of its rows and columns, V ≈ row · columnᵀ / mean(row), so that the state of an (n, m) matrix is
 * n + m numbers. Tensors of higher rank are matrices in their last two axes; vectors and scalars keep all of V.
 *
 *     V ← β̂ V + (1 − β̂)(g² + ε1),   U = g / √V,   θ ← (1 − η λ) θ − η U / max(1, RMS(U) / d)
 *
 * With a fixed beta2, β̂ = β2 (1 − β2ᵗ⁻¹) / (1 − β2ᵗ) carries Adam's bias correction (their section 7).
 *
 * The learning rate is absolute unless `parameterScaling` is set. Their relative step size, min(10⁻², 1/√t) times the
 * parameter's scale, is `parameterScaling: true` under `inverseSquareRoot({ peak: 0.01, warmup: 10_000 })`. SkipLayer's
 * schedule has the same form with peak 0.1; its paper does not say whether clipping or parameter scaling were on.
 */
export class Adafactor extends Optimizer {
  constructor(
    parameters: Trainable,
    {
      beta2 = 0.99,
      decayExponent,
      clipThreshold = 1,
      parameterScaling = false,
      epsilon1 = 1e-30,
      epsilon2 = 1e-3,
      weightDecay = 0,
    }: AdafactorOptions = {},
  ) {
    requireRange('Adafactor', 'beta2', beta2, 0, 1);
    const decayRate = (step: number): number =>
      decayExponent === undefined
        ? (beta2 * (1 - beta2 ** (step - 1))) / (1 - beta2 ** step)
        : 1 - step ** -decayExponent;

    super('Adafactor', parameters, weightDecay, {
      moments: (shape): Record<string, Shape> =>
        shape.length < 2
          ? { exponentialAverageSquare: shape }
          : {
              exponentialAverageSquareRow: shape.slice(0, -1), // (…, n)
              exponentialAverageSquareColumn: shape.toSpliced(-2, 1), // (…, m)
            },
      update: ({ parameter, gradient, moments, step, learningRate, weightDecay: decay }) => {
        const squared = gradient.square().add(epsilon1);
        const { scaled, ...next } = normalize(gradient, squared, moments, decayRate(step));
        const move = scaled.div(rootMeanSquare(scaled).div(clipThreshold).maximum(1)).mul(learningRate);
        const scale = parameterScaling ? rootMeanSquare(parameter).maximum(epsilon2) : 1;
        return { parameter: parameter.mul(1 - learningRate * decay).sub(move.mul(scale)), ...next };
      },
    });
  }
}

/** U = g / √V with the new V, whole or factored, and the moments that stand for V. */
function normalize(
  gradient: Tensor,
  squared: Tensor,
  moments: Moments,
  decayRate: number,
): { scaled: Tensor } & Moments {
  const averaged = (old: Tensor, now: Tensor): Tensor => old.mul(decayRate).add(now.mul(1 - decayRate));
  if ('exponentialAverageSquare' in moments) {
    const square = averaged(moments.exponentialAverageSquare, squared);
    return { scaled: gradient.div(square.sqrt()), exponentialAverageSquare: square };
  }
  const row = averaged(moments.exponentialAverageSquareRow, squared.mean(-1)); // (…, n)
  const column = averaged(moments.exponentialAverageSquareColumn, squared.mean(-2)); // (…, m)
  // Divided factor by factor: the product of two averages near ε1 would vanish in float32.
  const rowScale = row.div(row.mean(-1, { keepDim: true })).sqrt(); // (…, n)
  return {
    scaled: gradient.div(rowScale.unsqueeze(-1)).div(column.sqrt().unsqueeze(-2)), // (…, n, m)
    exponentialAverageSquareRow: row,
    exponentialAverageSquareColumn: column,
  };
}

function rootMeanSquare(x: Tensor): Tensor {
  return x.square().mean().sqrt();
}

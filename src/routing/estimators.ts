/**
 * Estimators: how a gradient passes a decision that has none. The forward is always the same, hard choice
 * (paper Eq. 1 and 2): the branch's result y where the token is active, its input x elsewhere, bit for bit.
 * The backward is a surrogate, stated here as code. With s = softmax of the router's logits, s₁ the probability of
 * running and s_k that of the choice made, and δ the gradient of the output:
 *
 * - A, `straight-through` (Eq. 1 with a straight-through mask): ∂/∂s₁ = ⟨δ, y − x⟩ for every token. It compares the two
 *   branches, so y is needed for skipped tokens too.
 * - B, `taken-branch` (Eq. 4 read literally, Fig. 1b): ∂/∂s_k = ⟨δ, output⟩. It only asks whether more of what was
 *   taken would help, so skipped tokens need never be computed.
 *
 * In both, gradients reach x and y with coefficient 1 or 0, as the forward used them.
 */
import { customOp } from '../autograd/custom-op.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Estimator A. s1 (B, T, 1), active (B, T, 1) bool, x and y (B, T, D) → (B, T, D). */
export const straightThrough: (s1: Tensor, active: Tensor, x: Tensor, y: Tensor) => Tensor = customOp({
  name: 'straightThrough',
  forward: (_s1, active, x, y) => active.where(y, x),
  backward: (delta, { inputs: [, active, x, y] }) => [
    delta.mul(y.sub(x)).sum(-1, { keepDim: true }),
    null,
    active.where(0, delta),
    active.where(delta, 0),
  ],
});

/** Estimator B. chosen = s_k (B, T, 1), active (B, T, 1) bool, x and y (B, T, D) → (B, T, D). */
export const takenBranch: (chosen: Tensor, active: Tensor, x: Tensor, y: Tensor) => Tensor = customOp({
  name: 'takenBranch',
  forward: (_chosen, active, x, y) => active.where(y, x),
  backward: (delta, { inputs: [, active], output }) => [
    delta.mul(output).sum(-1, { keepDim: true }),
    null,
    active.where(0, delta),
    active.where(delta, 0),
  ],
});

/** The hard mask as a number, with the gradient of s1: what the density loss sees. All (B, T, 1). */
export const hardMask: (s1: Tensor, active: Tensor) => Tensor = customOp({
  name: 'hardMask',
  forward: (s1, active) => active.to(s1.dtype),
  backward: (delta) => [delta, null],
});

export interface Estimator {
  /** Whether its gradient reads y at skipped tokens: then they must be computed too. */
  readonly readsSkipped: boolean;
  /** s0, s1: probabilities of skipping and running (B, T, 1); active (B, T, 1) bool; x and y (B, T, D) → (B, T, D). */
  readonly combine: (s0: Tensor, s1: Tensor, active: Tensor, x: Tensor, y: Tensor) => Tensor;
}

export type EstimatorName = 'straight-through' | 'taken-branch';

/** The estimators by the names a user chooses them with. */
export const estimators: Readonly<Record<EstimatorName, Estimator>> = {
  'straight-through': {
    readsSkipped: true,
    combine: (_s0, s1, active, x, y) => straightThrough(s1, active, x, y),
  },
  'taken-branch': {
    readsSkipped: false,
    combine: (s0, s1, active, x, y) => takenBranch(active.where(s1, s0), active, x, y),
  },
};

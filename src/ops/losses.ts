/** What losses that compare element by element share. */
import { OpError, shapeText } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkIndices } from './check-indices.ts';
import type { Domain, ValueRange } from './domain.ts';

/** @throws OpError where broadcasting would pair elements that do not belong together. */
export function requireSameShape(op: string, x: Tensor, target: Tensor): void {
  if (sameShape(x.shape, target.shape)) return;
  throw new OpError(
    op,
    `${shapeText(x.shape)} and ${shapeText(target.shape)} must be one shape; a loss does not broadcast`,
    x.size === target.size ? `target.reshape([${x.shape.join(', ')}])` : '',
  );
}

export function sameShapePair(target: ValueRange = {}): Domain<[x: Tensor, target: Tensor]> {
  return (draw) => {
    const shape = draw.shape({ minExtent: 1, maxRank: 3 });
    return [draw.tensor(shape), draw.tensor(shape, target)];
  };
}

export interface ClassOptions {
  /** Rows with this target do not count. Default −100, as in PyTorch. */
  ignoreIndex?: number;
}

/** @throws OpError unless x is (N, V) and targets (N) int32, each below V or ignored. */
export function requireTargets(op: string, x: Tensor, targets: Tensor, ignoreIndex: number): void {
  if (x.rank !== 2 || targets.rank !== 1 || x.shape[0] !== targets.shape[0]) {
    throw new OpError(
      op,
      `takes scores (N, V) and targets (N), not ${shapeText(x.shape)} and ${shapeText(targets.shape)}`,
      x.rank > 2 ? `scores.reshape([-1, ${x.shape[x.rank - 1]}]) with targets.reshape([-1])` : '',
    );
  }
  checkIndices(op, targets, x.shape[1], () => `axis 1 of scores ${shapeText(x.shape)}`, {
    ignored: ignoreIndex,
  });
}

/** Scores and targets, of which the first always counts: the mean over nothing is NaN. */
export const logitsAndTargets: Domain<[logits: Tensor, targets: Tensor, options?: ClassOptions]> = (draw) => {
  const [n, v] = [draw.integer(1, 4), draw.integer(1, 4)];
  const targets = draw.indices([n], v);
  const [first, ...others] = targets.toTypedArray() as Int32Array;
  const ignorable = others.filter((target) => target !== first);
  return [draw.tensor([n, v]), targets, { ignoreIndex: draw.pick([-100, ...ignorable]) }];
};

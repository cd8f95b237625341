/** The families that most pointwise ops belong to: what their records need not repeat. */
import type { Tensor } from '../tensor/tensor.ts';
import { notDifferentiable, type Op } from './define.ts';
import type { ValueRange } from './domain.ts';
import { anyTensor, broadcastPair } from './domains.ts';
import { arithmetic, definePointwise, type PointwiseDefinition, truth } from './pointwise.ts';

export type Unary = Op<[x: Tensor]>;
export type Binary = Op<[a: Tensor | number, b: Tensor | number]>;

type UnaryDefinition = Omit<PointwiseDefinition<[x: Tensor]>, 'domain'>;
type BinaryDefinition = PointwiseDefinition<[a: Tensor | number, b: Tensor | number]>;

const flat = notDifferentiable('a truth value is flat');

/** A function of one tensor, drawn from `range` (default: −2 to 2) in tests. Gives floating results unless typed. */
export function unary({ range, ...definition }: UnaryDefinition & { readonly range?: ValueRange }): Unary {
  return definePointwise({ ...definition, domain: anyTensor(range) });
}

/** A function of two tensors that broadcast, or of a tensor and a number. Keeps integers unless typed. */
export function binary({
  domain = broadcastPair(),
  ...definition
}: Omit<BinaryDefinition, 'domain'> & Partial<Pick<BinaryDefinition, 'domain'>>): Binary {
  return definePointwise({ type: arithmetic, ...definition, domain });
}

/** A truth value of one tensor. */
export function predicate(definition: UnaryDefinition): Unary {
  return unary({ ...definition, type: truth, differentiable: flat });
}

/** A truth value of two operands. */
export function comparison(definition: Parameters<typeof binary>[0]): Binary {
  return binary({ ...definition, type: truth, differentiable: flat });
}

/** A step of a recorded computation: what the tape is made of. Data only; the walks over it are in src/autograd. */
import type { DType } from '../device/device.ts';
import type { Shape } from './shape.ts';

let created = 0;
const none: readonly never[] = [];

/** Given the gradient of the output, the gradients of the inputs (null where none flows). */
export type BackwardFunction<T> = (gradient: T, createGraph: boolean) => readonly (T | null)[];

export type Hook<T> = (gradient: T) => T | undefined;

export class GraphNode<T> {
  /** Grows with creation, so descending ids are an order in which every user comes before what it used. */
  readonly id: number = created++;
  readonly name: string;
  /** Where the inputs came from, one entry per input; null where no gradient is wanted. */
  readonly edges: readonly (GraphNode<T> | null)[];
  /** Null in leaves, and after `backward` has released what was saved. */
  backward: BackwardFunction<T> | null;
  /** The tensor whose `.grad` collects, where this node is a leaf. */
  readonly leaf: T | null;
  /** Shapes and types of the inputs, which are those of their gradients. */
  shapes: readonly Shape[] = none;
  dtypes: readonly DType[] = none;
  /** The tensors that `backward` will read, and the versions of their storages. */
  saved: readonly T[] = none;
  versions: readonly number[] = none;
  /** Where in the model the step stands, for anomaly reports. */
  place = '';
  /** Whether `backward` is a user's, who may keep what it is given and what it makes. */
  byUser = false;
  /** The last walk that came by: see `schedule`. */
  visit = 0;
  hooks: Hook<T>[] | null = null;

  constructor(
    name: string,
    edges: readonly (GraphNode<T> | null)[],
    backward: BackwardFunction<T> | null,
    leaf: T | null = null,
  ) {
    this.name = name;
    this.edges = edges;
    this.backward = backward;
    this.leaf = leaf;
  }
}

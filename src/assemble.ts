/**
 * The assembly: puts every op on Tensor as a method (x.add(y) is add(x, y)). The lists are src/ops/index.ts and
 * src/ops/functions.ts; nothing registers itself.
 */
import { type BackwardOptions, backward, registerHook } from './autograd/backward.ts';
import type { Op } from './ops/define.ts';
import * as methods from './ops/index.ts';
import type { Hook } from './tensor/graph-node.ts';
import { Tensor } from './tensor/tensor.ts';

/** An op as a method: its first argument is the tensor it is called on. */
type Method<F> = F extends (first: infer _First, ...rest: infer Rest) => Tensor
  ? (...rest: Rest) => Tensor
  : never;

type OpMethods = { [Name in keyof typeof methods]: Method<(typeof methods)[Name]> };

declare module './tensor/tensor.ts' {
  interface Tensor extends OpMethods {
    /** Adds the gradient of this tensor to the `.grad` of every leaf it depends on. See `backward`. */
    backward(gradient?: Tensor | null, options?: BackwardOptions): void;
    /** Calls `hook` with the gradient that reaches this tensor. See `registerHook`. */
    registerHook(hook: Hook<Tensor>): () => void;
  }
}

for (const [name, op] of Object.entries(methods) as [string, Op<readonly unknown[]>][]) {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]): Tensor {
      return op(this, ...rest);
    },
  });
}

Object.defineProperties(Tensor.prototype, {
  // What console.log shows in Node.
  [Symbol.for('nodejs.util.inspect.custom')]: {
    value(this: Tensor): string {
      return this.toString();
    },
  },
  backward: {
    value(this: Tensor, gradient?: Tensor | null, options?: BackwardOptions): void {
      backward(this, gradient, options);
    },
  },
  registerHook: {
    value(this: Tensor, hook: Hook<Tensor>): () => void {
      return registerHook(this, hook);
    },
  },
});

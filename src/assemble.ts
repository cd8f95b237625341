/**
 * The assembly: puts every op on Tensor as a method (x.add(y) is add(x, y)). The lists are src/ops/index.ts and those
 * below; nothing registers itself.
 */
import { backward, registerHook } from './autograd/backward.ts';
import * as ops from './ops/index.ts';
import * as severalResults from './ops/several-results.ts';
import { allClose, equal } from './tensor/compare.ts';
import { Tensor } from './tensor/tensor.ts';

/** Functions of a tensor that are no ops: they return something else than one tensor. */
const others: Others = { backward, registerHook, equal, allClose, ...severalResults };

interface Others extends Pick<typeof severalResults, keyof typeof severalResults> {
  backward: typeof backward;
  registerHook: typeof registerHook;
  equal: typeof equal;
  allClose: typeof allClose;
}

/** A function as a method: its first argument is the tensor it is called on. */
type Method<F> = F extends (first: infer _First, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

type OpMethods = { [Name in keyof typeof ops]: Method<(typeof ops)[Name]> };
type OtherMethods = { [Name in keyof Others]: Method<Others[Name]> };

declare module './tensor/tensor.ts' {
  interface Tensor extends OpMethods, OtherMethods {}
}

type AnyFunction = (first: Tensor, ...rest: unknown[]) => unknown;

for (const [name, call] of Object.entries({ ...ops, ...others }) as [string, AnyFunction][]) {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]): unknown {
      return call(this, ...rest);
    },
  });
}

// What console.log shows in Node.
Object.defineProperty(Tensor.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Tensor): string {
    return this.toString();
  },
});

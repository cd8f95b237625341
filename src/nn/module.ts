/** Modules: functions with parameters. A module's parameters and children are its fields; their names are its names. */
import { few, OpError, shapeText } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/** A leaf that is trained, with these values. */
export function parameter(values: Tensor): Tensor {
  const leaf = values.contiguous();
  leaf.storage.settle();
  leaf.requiresGrad = true;
  return leaf;
}

export abstract class Module {
  /** Whether the module behaves as in training (noise, dropout). Set by `train()` and `eval()`. */
  training = true;

  /** The modules among the fields (and lists of modules), with their names, in the order of declaration. */
  children(): [name: string, child: Module][] {
    return Object.entries(this).flatMap(([name, field]): [string, Module][] => {
      if (field instanceof Module) return [[name, field]];
      if (!Array.isArray(field)) return [];
      return field.flatMap((item, i): [string, Module][] =>
        item instanceof Module ? [[`${name}.${i}`, item]] : [],
      );
    });
  }

  /** Every parameter of this module and those below it, with names such as `layers.0.attention.query.weight`. */
  namedParameters(): [name: string, parameter: Tensor][] {
    const own = Object.entries(this).filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor);
    const below = this.children().flatMap(([prefix, child]) =>
      child.namedParameters().map(([name, parameter]): [string, Tensor] => [`${prefix}.${name}`, parameter]),
    );
    return [...own, ...below];
  }

  parameters(): Tensor[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** How many numbers are trained. */
  parameterCount(): number {
    return this.parameters().reduce((count, parameter) => count + parameter.size, 0);
  }

  /** The parameters by name, sharing their values. */
  stateDict(): Map<string, Tensor> {
    return new Map(this.namedParameters());
  }

  /**
   * Takes over the values of a state dict.
   *
   * @throws OpError if a name is missing or unknown, or a shape differs
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    const own = this.stateDict();
    const missing = [...own.keys()].filter((name) => !state.has(name));
    const unknown = [...state.keys()].filter((name) => !own.has(name));
    if (missing.length > 0 || unknown.length > 0) {
      const lists = [
        missing.length > 0 && `missing ${few(missing)}`,
        unknown.length > 0 && `unknown ${few(unknown)}`,
      ];
      throw new OpError(
        'loadStateDict',
        `the parameters are another model's: ${lists.filter(Boolean).join('; ')}`,
      );
    }
    for (const [name, parameter] of own) {
      const value = state.get(name) as Tensor;
      if (value.dtype !== parameter.dtype) {
        throw new OpError('loadStateDict', `${name} is ${value.dtype}, the model has ${parameter.dtype}`);
      }
      if (!sameShape(value.shape, parameter.shape)) {
        throw new OpError(
          'loadStateDict',
          `${name} is ${shapeText(value.shape)}, the model has ${shapeText(parameter.shape)}`,
        );
      }
    }
    for (const [name, parameter] of own) parameter.assign(state.get(name) as Tensor);
  }

  /** Switches this module and those below it to training. */
  train(mode = true): this {
    this.training = mode;
    for (const [, child] of this.children()) child.train(mode);
    return this;
  }

  /** Switches to evaluation: no noise, no dropout. */
  eval(): this {
    return this.train(false);
  }

  /** What `body` returns, run in evaluation mode; the module is put back in the mode it was in, whatever happens. */
  inEvaluation<T>(body: () => T): T {
    const { training } = this;
    this.eval();
    try {
      return body();
    } finally {
      this.train(training);
    }
  }
}

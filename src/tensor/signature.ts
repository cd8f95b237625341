/**
 * What a function takes, said once: `signature('gather', 'x: Tensor, axis: number, index: Tensor')` is a check that
 * refuses every other call in one line. Types do the same for TypeScript; JavaScript and slips past them end here.
 */
import { OpError, shapeText } from './errors.ts';
import { Random } from './random.ts';
import { Tensor } from './tensor.ts';

type Accepts = (value: unknown) => boolean;

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly accepts: Accepts;
  /** The names an options object may have; null for other parameters. */
  readonly keys: readonly string[] | null;
}

const kinds: Readonly<Record<string, Accepts>> = {
  Tensor: (value) => value instanceof Tensor,
  Random: (value) => value instanceof Random,
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
};

/**
 * @param op named in errors
 * @param takes parameters as in TypeScript: `name: kind`, `name?: kind` or a last `...name: kind`; a kind is Tensor,
 *   Random, number, string, a list of one (`number[]`), some of these (`number | number[]`), or an options object with
 *   these names (`{ keepDim, correction }`)
 * @returns a check of a call's arguments that throws OpError
 */
export function signature(op: string, takes: string): (args: readonly unknown[]) => void {
  const all = takes.split(/, (?![^{]*\})/).map(readParameter);
  const rest = takes.includes('...') ? all.pop() : undefined;
  return (args) => {
    const count = Math.max(args.length, all.length);
    for (let i = 0; i < count; i++) {
      const parameter = i < all.length ? all[i] : rest;
      if (!parameter) throw new OpError(op, `takes (${takes}), but is given ${args.length} arguments`);
      const value = args[i];
      if (value === undefined ? parameter.optional : parameter.accepts(value)) continue;
      throw new OpError(op, `takes (${takes}), but ${parameter.name} is ${found(parameter, value)}`);
    }
  };
}

function readParameter(text: string): Parameter {
  const [name, kind] = text.split(': ');
  const keys = kind.startsWith('{') ? kind.slice(2, -2).split(', ') : null;
  return {
    name: name.replace('...', '').replace('?', ''),
    optional: name.endsWith('?'),
    accepts: keys ? (value) => isPlain(value) && hasOnly(value, keys) : read(kind),
    keys,
  };
}

function read(kind: string): Accepts {
  const choices = kind.split(' | ').map((choice): Accepts => {
    if (!choice.endsWith('[]')) return kinds[choice];
    const element = read(choice.slice(0, -2));
    return (value) => {
      if (!Array.isArray(value)) return false;
      for (const entry of value) if (!element(entry)) return false;
      return true;
    };
  });
  return choices.length === 1 ? choices[0] : (value) => choices.some((accepts) => accepts(value));
}

function hasOnly(value: object, keys: readonly string[]): boolean {
  for (const key of Object.keys(value)) if (!keys.includes(key)) return false;
  return true;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Tensor);
}

/** What was found in place of what a parameter takes. */
function found({ keys }: Parameter, value: unknown): string {
  if (value === undefined) return 'missing';
  if (value instanceof Tensor) return `a tensor ${shapeText(value.shape)}`;
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) {
    const entries = value.map((entry) =>
      entry instanceof Tensor ? 'Tensor' : Array.isArray(entry) ? 'list' : typeof entry,
    );
    return value.length > 0 ? `a list of ${[...new Set(entries)].join(', ')}` : 'an empty list';
  }
  if (keys && isPlain(value)) {
    return `{ ${Object.keys(value).join(', ')} }: there is no option '${Object.keys(value).find((key) => !keys.includes(key))}'`;
  }
  return typeof value === 'object' ? 'another object' : String(value);
}

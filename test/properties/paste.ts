/** Values as source text, so that a counterexample can be pasted into a test or a console. */
import { Tensor } from '../../src/index.ts';
import { FrozenRandom } from '../../src/ops/domains.ts';

/** A call that makes this tensor. */
export function tensorCode(x: Tensor): string {
  const options = x.dtype === 'float32' || x.dtype === 'bool' ? '' : `, { dtype: '${x.dtype}' }`;
  // Nested lists cannot say how long the axes behind an empty one are.
  if (x.size === 0) return `zeros([${x.shape.join(', ')}], { dtype: '${x.dtype}' })`;
  const values = JSON.stringify(x.toArray()).replaceAll(',', ', ');
  const truth = values.replaceAll('0', 'false').replaceAll('1', 'true');
  return `tensor(${x.dtype === 'bool' ? truth : values}${options})`;
}

/** A function and the leaves it is called with, as two statements. */
export function functionCode(f: string, leaves: readonly Tensor[]): string {
  const values = leaves.map((leaf) => `    ${tensorCode(leaf)},\n`).join('');
  return `  const f = ${f};\n  const leaves = [\n${values}  ];`;
}

/** A nested argument: numbers, strings, lists, options, tensors. */
export function codeOf(value: unknown, ofTensor: (x: Tensor) => string = tensorCode): string {
  if (value instanceof Tensor) return ofTensor(value);
  if (Array.isArray(value)) return `[${value.map((part) => codeOf(part, ofTensor)).join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof FrozenRandom) return `new FrozenRandom(${value.seed})`;
  if (!isPlainObject(value)) return String(value);
  const entries = Object.entries(value).map(([key, part]) => `${key}: ${codeOf(part, ofTensor)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** An options object, as opposed to an instance of some class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** How values look to a reader. */
import { inspect } from 'node:util';
import { Tensor } from 'hopgrad';
import { Words } from './expect.ts';

/** A value as text. */
export function show(value: unknown): string {
  if (value instanceof Tensor) return String(value);
  if (value instanceof Words) return value.text;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value) && value.some((item) => item instanceof Tensor)) return value.map(show).join('\n');
  if (value instanceof Object && !Array.isArray(value) && Object.values(value).some(isTensor)) {
    return showGiven(value)
      .map(([name, text]) => `${name} ${text}`)
      .join('\n');
  }
  return inspect(value, { depth: 4, breakLength: 66, compact: 4, maxArrayLength: 24 });
}

/** The parts of a case by name. */
export function showGiven(given: object): [name: string, value: string][] {
  return Object.entries(given).map(([name, value]) => [name, show(value)]);
}

function isTensor(value: unknown): boolean {
  return value instanceof Tensor;
}

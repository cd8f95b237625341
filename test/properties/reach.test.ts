/**
 * What the properties try each op on. A domain that stopped drawing empty tensors, or an option, would weaken every
 * property without failing one; so what 400 draws reach stands in reach.json, to be read and compared.
 * After a change of a domain, HOPGRAD_WRITE_REACH=1 writes it anew: look at what has changed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { numbersOf } from './derivatives.ts';
import { Drawing } from './draw.ts';
import { type AnyOp, isFloating } from './op-case.ts';
import { ops } from './op-list.ts';
import { isPlainObject } from './paste.ts';

const file = new URL('reach.json', import.meta.url);

/** A line per argument: every kind of value that was drawn there, and between which bounds. */
function reachOf({ record }: AnyOp): string[] {
  const calls = fc
    .sample(fc.gen(), { numRuns: 400, seed: 5 })
    .map((g) => record.domain(new Drawing(g)) as unknown[]);
  const longest = Math.max(...calls.map((args) => args.length));
  return Array.from({ length: longest }, (_, i) => describeAll(calls.map((args) => args[i])));
}

function describeAll(values: readonly unknown[]): string {
  const kinds = new Map<string, unknown[]>();
  for (const value of values) {
    const kind = kindOf(value);
    kinds.set(kind, [...(kinds.get(kind) ?? []), value]);
  }
  return [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, own]) => `${kind}${boundsOf(own)}`)
    .join(' | ');
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'left out';
  if (value instanceof Tensor) return value.dtype;
  if (value instanceof Random) return 'Random';
  if (Array.isArray(value)) return 'list';
  return isPlainObject(value) ? 'options' : typeof value;
}

function boundsOf(values: readonly unknown[]): string {
  const [first] = values;
  if (first instanceof Tensor) return tensorBounds(values as Tensor[]);
  if (Array.isArray(first)) {
    const lists = values as unknown[][];
    return ` of ${span(lists.map((list) => list.length))}: ${describeAll(lists.flat())}`;
  }
  if (isPlainObject(first)) {
    const keys = [...new Set(values.flatMap((value) => Object.keys(value as object)))].sort();
    const parts = keys.map((key) => `${key}: ${describeAll(values.map((value) => (value as never)[key]))}`);
    return ` { ${parts.join(', ')} }`;
  }
  if (typeof first === 'number') return ` ${span(values as number[])}`;
  return typeof first === 'string' || typeof first === 'boolean'
    ? ` ${[...new Set(values)].sort().join(', ')}`
    : '';
}

/** Ranks, extents, values to a quarter, and how near to one another and to whole quarters they come. */
function tensorBounds(tensors: readonly Tensor[]): string {
  const values = tensors.filter(isFloating).flatMap(numbersOf);
  const whole = tensors.filter((x) => !isFloating(x)).flatMap(numbersOf);
  const near = (point: number): string =>
    values.some((x) => Math.abs(x - point) < 0.05) ? ` ~${point}` : '';
  const ties = tensors.some((x) => new Set(numbersOf(x)).size < x.size);
  return (
    ` rank ${span(tensors.map((x) => x.rank))} extent ${span(tensors.flatMap((x) => [...x.shape]))}` +
    (values.length > 0 ? ` from ${quarter(values, -1)} to ${quarter(values, 1)}` : '') +
    (whole.length > 0 ? ` from ${span(whole)}` : '') +
    [-1, -0.5, 0, 0.5, 0.75, 1].map(near).join('') +
    (ties ? ' ties' : '')
  );
}

function quarter(values: readonly number[], sign: number): number {
  const end = sign * Math.max(...values.map((value) => sign * value));
  return (sign * Math.ceil(sign * end * 4)) / 4;
}

function span(values: readonly number[]): string {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct.length <= 4) return distinct.join(', ');
  return `${distinct[0]} … ${distinct[distinct.length - 1]}`;
}

const reach = Object.fromEntries(ops.map(([name, op]) => [name, reachOf(op)]));
if (process.env.HOPGRAD_WRITE_REACH) writeFileSync(file, `${JSON.stringify(reach, null, 2)}\n`);
const written: Record<string, string[]> = JSON.parse(readFileSync(file, 'utf8'));

describe('the domain of an op reaches what reach.json says', () => {
  test('of the same ops', () => {
    expect(Object.keys(written)).toEqual(ops.map(([name]) => name));
  });

  test.each(ops)('%s', (name) => {
    expect(reach[name]).toEqual(written[name]);
  });
});

describe('taken together, the domains reach', () => {
  const all = Object.values(written).flat().join('\n');
  test.each(['rank 0 … 4', 'extent 0 … 4', 'float64', 'int32', 'bool', 'left out', 'ties'])('%s', (what) => {
    expect(all).toContain(what);
  });
});

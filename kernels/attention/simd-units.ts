/** How attention kernels are told what to do, and walk through it: parts, units, blocks. */
import { type Code, i32, select, type Value } from '../assembler/instructions.ts';
import type { FunctionBuilder, KernelFunction, Local, ModuleBuilder } from '../assembler/module.ts';
import { piecesOf } from '../assembler/vectors.ts';
import { type AttentionRows, eachEntry } from './simd-rows.ts';
import { GROUP, ROW } from './simd-table.ts';

/** Queries in a block. */
export const BLOCK_ROWS = 20;

/**
 * What kernels are told; strides, and distances between heads, in bytes. First the table, and which of its units to do
 * (`first` is the number of the launch's first part). Then the scratch: each part has a region of it, where packed keys or
 * values take `panelBytes`, a row of scores `scoreRow`, and a row of a head `row`. The last line is for the backward.
 */
const ARGUMENTS = [
  'groups', 'units', 'perPart', 'first', 'heads', 'd', 'scale: f32',
  'query', 'queryHead', 'queryStep', 'resultHead',
  'key', 'keyBatch', 'keyHead', 'keyToken', 'keyStep',
  'value', 'valueBatch', 'valueHead', 'valueToken', 'valueStep',
  'regions', 'regionBytes', 'panelBytes', 'scoreRow', 'row', 'zeros',
  'out',
  'keys', 'gradient', 'output', 'dKey', 'dValue',
] as const; // biome-ignore format: what belongs together in a line

type ShortName<Name> = Name extends `${infer Short}: f32` ? Short : Name;
export type Arguments = Record<ShortName<(typeof ARGUMENTS)[number]>, Local>;

/** A kernel with these arguments. */
export function attentionKernel(
  module: ModuleBuilder,
  name: string,
  body: (f: FunctionBuilder, args: Arguments, part: Local) => void,
): KernelFunction {
  return module.kernel(name, ARGUMENTS, (f, locals, part) => {
    const named = ARGUMENTS.map((argument, i) => [argument.split(':')[0], locals[i]]);
    body(f, Object.fromEntries(named), part);
  });
}

/** One head of a group of queries, with the keys and values that it reads. All are variables of type i32. */
export interface Unit {
  /** The first row's entry in the table, and the end of the last one's. */
  readonly entry: Local;
  readonly end: Local;
  /** The batch row of keys; −1: these queries are padding. */
  readonly batch: Local;
  readonly head: Local;
  /** As many of the first keys are read. */
  readonly most: Local;
  /** Where the head's first query, key and value stand, and how far its first result from that of the first head. */
  readonly query: Local;
  readonly key: Local;
  readonly value: Local;
  readonly result: Local;
  /** Takes so many bytes, a multiple of 16, of the part's region. */
  readonly take: (bytes: Value) => Local;
}

/** Calls `body` to emit the work on a unit, for each of a part. */
export function eachUnit(f: FunctionBuilder, part: Local, args: Arguments, body: (unit: Unit) => void): void {
  const region = f.keep(i32.add(args.regions, i32.mul(part, args.regionBytes)), 'i32');
  const number = f.keep(i32.add(part, args.first), 'i32');
  const { first, last } = piecesOf(f, number, args.perPart, args.units);
  f.for(first, last, 1, (unit) => {
    const groupBytes = i32.mul(i32.divU(unit, args.heads), i32.const(GROUP.bytes));
    const group = f.keep(i32.add(args.groups, groupBytes), 'i32');
    const head = f.keep(i32.remU(unit, args.heads), 'i32');
    const batch = f.keep(i32.load(group, GROUP.batch), 'i32');
    const at = (first: Value, batchBytes: Value, headBytes: Value): Local =>
      f.keep(i32.add(first, i32.add(i32.mul(batch, batchBytes), i32.mul(head, headBytes))), 'i32');
    const free = f.keep(region, 'i32');
    body({
      entry: f.keep(i32.load(group, GROUP.first), 'i32'),
      end: f.keep(i32.load(group, GROUP.end), 'i32'),
      batch,
      head,
      most: f.keep(i32.load(group, GROUP.keys), 'i32'),
      query: f.keep(i32.add(args.query, i32.mul(head, args.queryHead)), 'i32'),
      key: at(args.key, args.keyBatch, args.keyHead),
      value: at(args.value, args.valueBatch, args.valueHead),
      result: f.keep(i32.mul(head, args.resultHead), 'i32'),
      take: (bytes) => {
        const piece = f.keep(free, 'i32');
        f.set(free, i32.add(free, bytes));
        return piece;
      },
    });
  });
}

/** Room for a block's rows of so many bytes. */
export function blockOf(rowBytes: Value): Code {
  return i32.mul(rowBytes, i32.const(BLOCK_ROWS));
}

/**
 * Calls `body` to emit the work on the next rows of a unit, until none is left. It may lower `count`, how many they are.
 *
 * @param limit rows in a block at most
 */
export function eachBlock(f: FunctionBuilder, unit: Unit, limit: Value, body: (count: Local) => void): void {
  const { entry, end } = unit;
  const [left, count] = f.locals('i32', 2);
  f.while(i32.ltU(entry, end), () => {
    f.set(left, rowsOf(unit));
    f.set(count, select(left, limit, i32.ltS(left, limit)));
    body(count);
    f.advance(entry, i32.mul(count, i32.const(ROW.bytes)));
  });
}

/** The most keys that one of some rows reads. */
export function mostVisible(f: FunctionBuilder, entry: Value, count: Value): Local {
  const most = f.keep(i32.const(0), 'i32');
  const at = f.keep(entry, 'i32');
  eachEntry(f, at, count, () => {
    const visible = f.keep(i32.load(at, ROW.visible), 'i32');
    f.set(most, select(visible, most, i32.gtS(visible, most)));
  });
  return most;
}

/** How many rows a unit has. */
export function rowsOf({ entry, end }: Unit): Code {
  return i32.divU(i32.sub(end, entry), i32.const(ROW.bytes));
}

/** Sets the rows of a unit of padding to 0. */
export function clearPadding(
  f: FunctionBuilder,
  rows: AttentionRows,
  unit: Unit,
  d: Value,
  out: Value,
): void {
  const entries = i32.add(unit.entry, i32.const(ROW.result));
  f.call(rows.clearRows, entries, rowsOf(unit), d, i32.add(out, unit.result));
}

import { f32x4, i32, type Value } from '../assembler/instructions.ts';
import type { FunctionBuilder, Local } from '../assembler/module.ts';

/**
 * Copies a block of rows of a transposed A, of which each step over k lies far from the last, together: element (i, k)
 * from `a` + 4 i + k · `step` to `to` + 4 i + k · `toStep`. Sets `toStep`: rows are rounded up to whole vectors.
 */
export function packRowBlock(
  f: FunctionBuilder,
  a: Value,
  step: Value,
  rows: Value,
  k: Value,
  to: Value,
  toStep: Local,
): void {
  f.set(toStep, i32.shl(i32.and(i32.add(rows, i32.const(3)), i32.const(-4)), i32.const(2)));
  const from = f.keep(a, 'i32');
  const at = f.keep(to, 'i32');
  f.for(i32.const(0), k, 1, () => {
    f.for(i32.const(0), toStep, 16, (byte) => {
      f.add(f32x4.store(i32.add(at, byte), f32x4.load(i32.add(from, byte))));
    });
    f.advance(from, step);
    f.advance(at, toStep);
  });
}

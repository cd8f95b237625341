/** The matrix products in attention kernels: what `MatmulRoutines` takes, by name. */
import { type Code, f32x4, i32, select, type Value, v128 } from '../assembler/instructions.ts';
import type { FunctionBuilder } from '../assembler/module.ts';
import type { MatmulRoutines } from '../matmul/simd-routines.ts';
import type { AttentionRows } from './simd-rows.ts';

/** out (m, n) = initial + A · B: see `MatmulRoutines.multiply`. */
export interface Product {
  readonly a: Value;
  readonly aRow: Value;
  readonly aStep: Value;
  readonly panels: Value;
  readonly m: Value;
  readonly n: Value;
  readonly k: Value;
  readonly out: Value;
  readonly outRow: Value;
  readonly initial: Value;
  readonly initialRow: Value;
  readonly initialColumn: Value;
}

export function multiply(f: FunctionBuilder, routines: MatmulRoutines, product: Product): void {
  const { a, aRow, aStep, panels, m, n, k, out, outRow, initial, initialRow, initialColumn } = product;
  f.call(
    routines.multiply,
    ...[a, aRow, aStep, panels, m, n, k, out, outRow, initial, initialRow, initialColumn],
  );
}

/**
 * The product with the first k of `depth` packed rows of B: panel by panel, since `depth` sets them apart. `initial` is the
 * same for every panel.
 */
export function multiplyFirst(
  f: FunctionBuilder,
  routines: MatmulRoutines,
  product: Product & { readonly depth: Value },
): void {
  const { columns } = routines;
  const panels = f.keep(product.panels, 'i32');
  const out = f.keep(product.out, 'i32');
  const panelBytes = f.keep(i32.mul(product.depth, i32.const(4 * columns)), 'i32');
  f.for(i32.const(0), product.n, columns, (column) => {
    const left = f.keep(i32.sub(product.n, column), 'i32');
    const n = select(left, i32.const(columns), i32.ltS(left, i32.const(columns)));
    multiply(f, routines, { ...product, panels, n, out });
    f.advance(panels, panelBytes);
    f.advance(out, 4 * columns);
  });
}

/** So many columns, rounded up to whole panels. */
export function wholePanels(n: Value, { columns }: MatmulRoutines): Code {
  const panels = i32.divU(i32.add(n, i32.const(columns - 1)), i32.const(columns));
  return i32.mul(panels, i32.const(columns));
}

/** Looks through `depth` rows of panels of width n for numbers that are not finite: see `AttentionRows.check`. */
export function checkPanels(
  f: FunctionBuilder,
  routines: MatmulRoutines,
  rows: AttentionRows,
  { panels, depth, n, verdict }: { panels: Value; depth: Value; n: Value; verdict: Value },
): void {
  const vectors = i32.shrU(i32.mul(wholePanels(n, routines), depth), i32.const(2));
  f.call(rows.check, panels, vectors, verdict);
}

/** Whether all that went into a verdict was finite. */
export function allFinite(verdict: Value): Code {
  return i32.eqz(v128.anyTrue(f32x4.ne(f32x4.load(verdict), f32x4.load(verdict))));
}

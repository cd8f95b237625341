/**
 * Matrix product in WebAssembly, float32. As in the reference, both operands are packed into panels whatever their
 * strides; the emitted kernel keeps a tile of 4 × 8 sums in eight vector registers while k runs. Every sum runs in
 * the order of k with a rounding after each step, so results are the same on every engine.
 */
import { f32, f32x4, i32, repeatWhile } from '../assembler/instructions.ts';
import { addressOf, type LinearBuffer, type LinearMemory } from '../assembler/linear-memory.ts';
import { FunctionBuilder, instantiate } from '../assembler/module.ts';
import type { WebAssemblyFunction } from '../assembler/webassembly.ts';
import type { Kernels } from '../contract.ts';
import { forEachRow } from '../strides.ts';

const ROWS = 4;
const COLUMNS = 8;
const VECTOR = 16; // bytes

/** tile(a, b, aEnd, out, rowBytes): out = aᵀ b of panels a [k][4] and b [k][8]; k from 1 up, sizes in bytes. */
export function tileFunction(): FunctionBuilder {
  const f = new FunctionBuilder('tile');
  const [a, b, end, out, rowBytes] = Array.from({ length: 5 }, () => f.parameter('i32'));
  const sums = Array.from({ length: ROWS }, () => [f.local('v128'), f.local('v128')]);
  const [b0, b1, ai] = [f.local('v128'), f.local('v128'), f.local('v128')];
  return f.body(
    repeatWhile(
      [
        b0.set(f32x4.load(b.get)),
        b1.set(f32x4.load(b.get, VECTOR)),
        ...sums.map(([left, right], i) => [
          ...ai.set(f32x4.loadSplat(a.get, 4 * i)),
          ...left.set(f32x4.add(left.get, f32x4.mul(ai.get, b0.get))),
          ...right.set(f32x4.add(right.get, f32x4.mul(ai.get, b1.get))),
        ]),
        b.set(i32.add(b.get, i32.const(4 * COLUMNS))),
        a.set(i32.add(a.get, i32.const(4 * ROWS))),
      ].flat(),
      i32.lessThan(a.get, end.get),
    ),
    ...sums.map(([left, right]) => [
      ...f32x4.store(out.get, left.get),
      ...f32x4.store(out.get, right.get, VECTOR),
      ...out.set(i32.add(out.get, rowBytes.get)),
    ]),
  );
}

/** pack(from, to, end, rowBytes, columnBytes): a panel [column][row] of `width` rows from any strides. */
export function packFunction(name: string, width: number): FunctionBuilder {
  const f = new FunctionBuilder(name);
  const [from, to, end, rowBytes, columnBytes] = Array.from({ length: 5 }, () => f.parameter('i32'));
  const at = f.local('i32');
  return f.body(
    repeatWhile(
      [
        at.set(from.get),
        ...Array.from({ length: width }, (_, r) => [
          ...f32.store(to.get, f32.load(at.get), 4 * r),
          ...at.set(i32.add(at.get, rowBytes.get)),
        ]),
        from.set(i32.add(from.get, columnBytes.get)),
        to.set(i32.add(to.get, i32.const(4 * width))),
      ].flat(),
      i32.lessThan(to.get, end.get),
    ),
  );
}

export function simdMatmul(memory: LinearMemory): Kernels<LinearBuffer>['matmul'] {
  const functions = [tileFunction(), packFunction('pack4', ROWS), packFunction('pack8', COLUMNS)];
  const { tile, pack4, pack8 } = instantiate(functions, memory.memory);

  return (a, b, out) => {
    const rank = out.shape.length;
    const [m, n] = out.shape.slice(-2);
    const k = a.shape[rank - 1];
    if (m === 0 || n === 0) return;
    const batch = [...out.shape.slice(0, -2), 1];
    const matricesOf = (view: typeof a): number[] => {
      const starts: number[] = [];
      const start = addressOf(view) / 4;
      forEachRow(batch, [...view.strides.slice(0, -2), 0], start, (_, at) => starts.push(at));
      return starts;
    };
    const [startsA, startsB] = [matricesOf(a), matricesOf(b)];
    const [rowA, stepA] = a.strides.slice(-2);
    const [stepB, columnB] = b.strides.slice(-2);
    const lengthA = roundUp(m, ROWS) * k;
    const lengthB = roundUp(n, COLUMNS) * k;
    const panelA = memory.scratch(4 * (lengthA + lengthB + ROWS * COLUMNS));
    const panelB = panelA + 4 * lengthA;
    const edge = panelB + 4 * lengthB;
    const floats = memory.floats();
    if (k === 0) {
      floats.fill(0, out.buffer.offset / 4, out.buffer.offset / 4 + out.buffer.length);
      return;
    }
    startsA.forEach((startA, i) => {
      const startB = startsB[i];
      if (startA !== startsA[i - 1]) pack(pack4, ROWS, floats, startA, rowA, stepA, m, k, panelA);
      if (startB !== startsB[i - 1]) pack(pack8, COLUMNS, floats, startB, columnB, stepB, n, k, panelB);
      const result = addressOf(out) + 4 * i * m * n;
      for (let column = 0; column < n; column += COLUMNS) {
        const bAt = panelB + 4 * column * k;
        for (let row = 0; row < m; row += ROWS) {
          const aAt = panelA + 4 * row * k;
          const to = result + 4 * (row * n + column);
          if (row + ROWS <= m && column + COLUMNS <= n) tile(aAt, bAt, aAt + 4 * ROWS * k, to, 4 * n);
          else {
            tile(aAt, bAt, aAt + 4 * ROWS * k, edge, 4 * COLUMNS);
            copyCorner(floats, edge / 4, Math.min(ROWS, m - row), Math.min(COLUMNS, n - column), to / 4, n);
          }
        }
      }
    });
  };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Packs `rows` × `columns` elements as panels of `width` rows; the last one is padded with zeros. */
function pack(
  full: WebAssemblyFunction,
  width: number,
  floats: Float32Array,
  start: number,
  rowStride: number,
  columnStride: number,
  rows: number,
  columns: number,
  panels: number,
): void {
  const panelBytes = 4 * width * columns;
  let to = panels;
  let row = 0;
  for (; row + width <= rows; row += width, to += panelBytes) {
    full(4 * (start + row * rowStride), to, to + panelBytes, 4 * rowStride, 4 * columnStride);
  }
  if (row === rows) return;
  for (let column = 0, at = to / 4; column < columns; column++) {
    const from = start + row * rowStride + column * columnStride;
    for (let r = 0; r < width; r++) floats[at++] = row + r < rows ? floats[from + r * rowStride] : 0;
  }
}

/** Copies the part of an edge tile that lies inside the result, whose rows have n elements. */
function copyCorner(
  floats: Float32Array,
  tile: number,
  rows: number,
  columns: number,
  to: number,
  n: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) floats[to + i * n + j] = floats[tile + i * COLUMNS + j];
  }
}

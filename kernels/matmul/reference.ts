/**
 * Matrix product in plain loops. Both operands are packed into float64 panels, four rows of a and four columns of b
 * side by side, whatever their strides were; a 4 × 4 tile of sums then stays in registers while k runs.
 */
import { forEachRow, type HostView } from '../strides.ts';

const TILE = 4;
let panelA = new Float64Array(0);
let panelB = new Float64Array(0);

export function matmul(a: HostView, b: HostView, bias: HostView | null, out: HostView): void {
  const rank = out.shape.length;
  const m = out.shape[rank - 2];
  const n = out.shape[rank - 1];
  const k = a.shape[rank - 1];
  if (m === 0 || n === 0) return;
  const batch = out.shape.slice(0, -2);
  const offsetsA = batchOffsets(batch, a);
  const offsetsB = batchOffsets(batch, b);
  const rowsA = Math.ceil(m / TILE) * TILE;
  const columnsB = Math.ceil(n / TILE) * TILE;
  if (panelA.length < rowsA * k) panelA = new Float64Array(rowsA * k);
  if (panelB.length < columnsB * k) panelB = new Float64Array(columnsB * k);
  offsetsA.forEach((offsetA, i) => {
    if (i === 0 || offsetA !== offsetsA[i - 1]) {
      pack(a.buffer, offsetA, a.strides[rank - 2], a.strides[rank - 1], m, k, panelA);
    }
    if (i === 0 || offsetsB[i] !== offsetsB[i - 1]) {
      pack(b.buffer, offsetsB[i], b.strides[rank - 1], b.strides[rank - 2], n, k, panelB);
    }
    multiplyPanels(m, n, k, bias, out.buffer as Float32Array, i * m * n);
  });
}

/** Where each matrix of the batch starts in the operand's buffer. */
function batchOffsets(batch: readonly number[], view: HostView): number[] {
  const offsets: number[] = [];
  // A pseudo axis of size 1 makes every matrix one "row".
  forEachRow([...batch, 1], [...view.strides.slice(0, -2), 0], view.offset, (_, at) => offsets.push(at));
  return offsets;
}

/** Packs `rows` × `columns` elements as panels of four rows: panel p holds [column][row of the panel]. */
function pack(
  source: HostView['buffer'],
  offset: number,
  rowStride: number,
  columnStride: number,
  rows: number,
  columns: number,
  panel: Float64Array,
): void {
  if (source instanceof Float32Array)
    packFloat32(source, offset, rowStride, columnStride, rows, columns, panel);
  else packOther(source, offset, rowStride, columnStride, rows, columns, panel);
}

// The loop twice on purpose: one that sees several array types is compiled for none of them.
function packFloat32(
  source: Float32Array,
  offset: number,
  rowStride: number,
  columnStride: number,
  rows: number,
  columns: number,
  panel: Float64Array,
): void {
  let at = 0;
  for (let row = 0; row < rows; row += TILE) {
    for (let column = 0; column < columns; column++) {
      let from = offset + row * rowStride + column * columnStride;
      for (let r = 0; r < TILE; r++, from += rowStride) panel[at++] = row + r < rows ? source[from] : 0;
    }
  }
}

function packOther(
  source: HostView['buffer'],
  offset: number,
  rowStride: number,
  columnStride: number,
  rows: number,
  columns: number,
  panel: Float64Array,
): void {
  let at = 0;
  for (let row = 0; row < rows; row += TILE) {
    for (let column = 0; column < columns; column++) {
      let from = offset + row * rowStride + column * columnStride;
      for (let r = 0; r < TILE; r++, from += rowStride) panel[at++] = row + r < rows ? source[from] : 0;
    }
  }
}

const tile = new Float64Array(TILE * TILE);

function multiplyPanels(
  m: number,
  n: number,
  k: number,
  bias: HostView | null,
  out: Float32Array,
  start: number,
): void {
  for (let column = 0; column < n; column += TILE) {
    for (let row = 0; row < m; row += TILE) {
      multiplyTile(k, row * k, column * k);
      const height = Math.min(TILE, m - row);
      const width = Math.min(TILE, n - column);
      for (let i = 0; i < height; i++) {
        const to = start + (row + i) * n + column;
        for (let j = 0; j < width; j++) {
          const shift = bias ? bias.buffer[bias.offset + (column + j) * bias.strides[0]] : 0;
          out[to + j] = tile[i * TILE + j] + shift;
        }
      }
    }
  }
}

/** tile[i][j] = Σ_k panelA[k][i] · panelB[k][j], summed in the order of k. */
function multiplyTile(k: number, startA: number, startB: number): void {
  const a = panelA;
  const b = panelB;
  // biome-ignore format: a tile
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0,
      s10 = 0, s11 = 0, s12 = 0, s13 = 0,
      s20 = 0, s21 = 0, s22 = 0, s23 = 0,
      s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  const end = startA + k * TILE;
  // biome-ignore format: a tile
  for (let i = startA, j = startB; i < end; i += TILE, j += TILE) {
    const a0 = a[i], a1 = a[i + 1], a2 = a[i + 2], a3 = a[i + 3];
    const b0 = b[j], b1 = b[j + 1], b2 = b[j + 2], b3 = b[j + 3];
    s00 += a0 * b0; s01 += a0 * b1; s02 += a0 * b2; s03 += a0 * b3;
    s10 += a1 * b0; s11 += a1 * b1; s12 += a1 * b2; s13 += a1 * b3;
    s20 += a2 * b0; s21 += a2 * b1; s22 += a2 * b2; s23 += a2 * b3;
    s30 += a3 * b0; s31 += a3 * b1; s32 += a3 * b2; s33 += a3 * b3;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s02;
  tile[3] = s03;
  tile[4] = s10;
  tile[5] = s11;
  tile[6] = s12;
  tile[7] = s13;
  tile[8] = s20;
  tile[9] = s21;
  tile[10] = s22;
  tile[11] = s23;
  tile[12] = s30;
  tile[13] = s31;
  tile[14] = s32;
  tile[15] = s33;
}

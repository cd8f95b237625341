/**
 * Matrix product in GLSL. What takes the time is not arithmetic but fetching, so each texel is a tile of two rows of a by
 * two columns of b, over four steps of k at once: 4 fetches for 16 products, where four neighbouring numbers of a row
 * would need 5. A last pass puts the tiles into rows, and adds the bias.
 *
 * The product reads both operands as lines, rows of a and columns of b, in which four neighbouring k are a texel. Lines
 * are cut into blocks of 1 to 64 texels that do not reach over the end of a row of their texture: within a block,
 * finding the next texel is one addition. Operands that do not lie so are packed first, with zeros behind a line's end:
 * 4 fetches a texel, where the product fetches each of its texels once for every two lines of the other operand.
 *
 * Extents and strides are numbers: there is one product for each length of blocks, and no count of rows compiles anything.
 *
 * Σ over a block, then Σ over blocks: |result − exact| ≤ (min(K / 4, 64) + K / 256 + 8) · 2⁻²⁴ · (Σ |a b| + |bias|).
 */
import type { Kernels, View } from '../contract.ts';
import {
  type GpuBuffer,
  type GpuMachine,
  kernelFamily,
  MOST_ROUNDS,
  texelFromElements,
} from '../glsl/kernel.ts';
import { ROW_TEXELS } from '../glsl/prelude.ts';
import { layoutOf, offsetOf, placeByNumbers, reader, type ViewLayout } from '../glsl/views.ts';
import { sizeOf } from '../strides.ts';

/** Texels of a block at most, so that its sum stays exact enough. Divides the width of textures, as all powers of two. */
const MOST_BLOCK = 64;
/** Steps that are written out one after the other: going round a loop costs about as much as a fetch. */
const UNROLLED = 4;

/** The rows of a or the columns of b as the product reads them. All places are in texels. */
interface Lines {
  readonly buffer: GpuBuffer;
  readonly offset: number;
  /** From one matrix of the batch to the next. */
  readonly matrixStep: number;
  readonly lineStep: number;
}

export function gpuMatmul(
  machine: GpuMachine,
  otherwise: Kernels<GpuBuffer>,
): Partial<Pick<Kernels<GpuBuffer>, 'matmul'>> {
  return {
    matmul: (a, b, bias, out) => {
      if (out.dtype !== 'float32') return otherwise.matmul(a, b, bias, out);
      const [m, n] = out.shape.slice(-2);
      const k = a.shape[a.shape.length - 1];
      const block = blockFor(Math.max(k, 1));
      const blocks = Math.ceil(k / (4 * block));
      if (blocks * (block / UNROLLED + 2) > MOST_ROUNDS) return otherwise.matmul(a, b, bias, out);
      const [tileRows, tileColumns] = [Math.ceil(m / 2), Math.ceil(n / 2)];
      const tiles = machine.scratch(4 * sizeOf(out.shape.slice(0, -2)) * tileRows * tileColumns);
      if (k === 0) machine.write(tiles, new Float32Array(tiles.length));
      else {
        const [rows, columns] = [a, transposed(b)].map((view) => linesOf(machine, view, block, blocks));
        machine.run(
          productKernel(block),
          [rows.buffer, columns.buffer],
          [
            ...[rows.offset, rows.matrixStep, rows.lineStep],
            ...[columns.offset, columns.matrixStep, columns.lineStep],
            ...[tileRows, tileColumns, blocks],
          ],
          tiles,
        );
        if (rows.buffer !== a.buffer) machine.release(rows.buffer);
        if (columns.buffer !== b.buffer) machine.release(columns.buffer);
      }
      machine.run(
        rowsKernel(n % 4 === 0, bias && layoutOf(bias)),
        bias ? [tiles, bias.buffer] : [tiles],
        bias ? [m, n, bias.offset] : [m, n],
        out.buffer,
      );
      machine.release(tiles);
    },
  };
}

/** Texels of a block: as many as can be without more than an eighth of what is added up being zeros. */
function blockFor(k: number): number {
  const texels = Math.ceil(k / 4);
  let block = MOST_BLOCK;
  while (block > UNROLLED && Math.ceil(texels / block) * block > 1.125 * texels) block /= 2;
  while (block / 2 >= texels) block /= 2;
  return block;
}

function transposed({ buffer, dtype, shape, strides, offset }: View<GpuBuffer>): View<GpuBuffer> {
  const swapped = (list: readonly number[]): number[] => [...list.slice(0, -2), ...list.slice(-2).reverse()];
  return { buffer, dtype, shape: swapped(shape), strides: swapped(strides), offset };
}

/** The lines of a view (…, lines, K), packed where they do not lie as the product reads them. */
function linesOf(machine: GpuMachine, view: View<GpuBuffer>, block: number, blocks: number): Lines {
  const { buffer, offset } = view;
  const [lines, k] = view.shape.slice(-2);
  const [lineStride, kStride] = view.strides.slice(-2);
  const batch = { shape: view.shape.slice(0, -2), strides: view.strides.slice(0, -2), offset };
  const { inner, strides } = layoutOf(batch);
  const matrixStride = strides[0] ?? 0;
  const fits = [offset, matrixStride, lineStride, k].every((step) => step % (4 * block) === 0);
  if (fits && kStride === 1 && strides.length <= 1) {
    return { buffer, offset: offset / 4, matrixStep: matrixStride / 4, lineStep: lineStride / 4 };
  }
  const lineStep = block * blocks;
  const alike = strides.every((stride) => stride === 0);
  const matrices = alike ? 1 : sizeOf(batch.shape);
  const packed = machine.scratch(4 * matrices * lines * lineStep);
  const extents = [matrices, ...inner]; // the outermost is not asked for
  const axes = strides.flatMap((stride, i) => [extents[i], stride]);
  const numbers = [offset, lines, lineStride, k, kStride, lineStep, ...axes];
  machine.run(packKernel(strides.length), [buffer], numbers, packed);
  return { buffer: packed, offset: 0, matrixStep: alike ? 0 : lines * lineStep, lineStep };
}

const packKernel = kernelFamily('matmul pack', (axes: number) => {
  const { numbers, code } = placeByNumbers('matrix', axes);
  return {
    textures: ['x'],
    numbers: ['offset', 'lines', 'lineStride', 'k', 'kStride', 'lineStep', ...numbers],
    code: `
${code}

vec4 texel(float t) {
  vec2 q = divide(t, n_lineStep);
  vec2 line = divide(q.x, n_lines);
  float e = n_offset + matrix_place(line.x) + line.y * n_lineStride + 4.0 * q.y * n_kStride;
  vec4 numbers = vec4(x_at(e), x_at(e + n_kStride), x_at(e + 2.0 * n_kStride), x_at(e + 3.0 * n_kStride));
  return choose(within(q.y, n_k), numbers, vec4(0.0));
}`,
  };
});

const productKernel = kernelFamily('matmul', (block: number) => {
  const unrolled = Math.min(block, UNROLLED);
  const step = `
      a0 = TEXTURE(user_a, atA0); a1 = TEXTURE(user_a, atA1);
      b0 = TEXTURE(user_b, atB0); b1 = TEXTURE(user_b, atB1);
      sum += vec4(dot(a0, b0), dot(a0, b1), dot(a1, b0), dot(a1, b1));
      atA0.x += user_aWidth; atA1.x += user_aWidth;
      atB0.x += user_bWidth; atB1.x += user_bWidth;`;
  return {
    textures: ['a', 'b'],
    numbers: [
      ...['aOffset', 'aMatrixStep', 'aLineStep', 'bOffset', 'bMatrixStep', 'bLineStep'],
      ...['tileRows', 'tileColumns', 'blocks'],
    ],
    code: `
// Where texel t of a texture is to be fetched; size holds 1 / width and 1 / height.
vec2 spot(float t, vec2 size) {
  float row = floor(t * (1.0 / ${ROW_TEXELS}.0));
  return (vec2(t - row * ${ROW_TEXELS}.0, row) + 0.5) * size;
}

vec4 texel(float t) {
  vec2 q = divide(t, n_tileColumns);
  vec2 tile = divide(q.x, n_tileRows);
  float a = n_aOffset + tile.x * n_aMatrixStep + 2.0 * tile.y * n_aLineStep;
  float b = n_bOffset + tile.x * n_bMatrixStep + 2.0 * q.y * n_bLineStep;
  vec2 aSize = vec2(user_aWidth, user_aHeight), bSize = vec2(user_bWidth, user_bHeight);
  vec4 total = vec4(0.0), a0, a1, b0, b1;
  for (int i = 1; i < 4194304; i++) {
    vec2 atA0 = spot(a, aSize), atA1 = spot(a + n_aLineStep, aSize);
    vec2 atB0 = spot(b, bSize), atB1 = spot(b + n_bLineStep, bSize);
    vec4 sum = vec4(0.0);
    for (int j = 0; j < ${block / unrolled}; j++) {${step.repeat(unrolled)}
    }
    total += sum;
    a += ${block}.0;
    b += ${block}.0;
    // Here and not at the beginning: software would go through all of it once more, for nobody.
    if (float(i) >= n_blocks) break;
  }
  return total;
}`,
  };
});

const rowsKernel = kernelFamily('matmul rows', (whole: boolean, bias: ViewLayout | null) => ({
  textures: bias ? ['tiles', 'bias'] : ['tiles'],
  numbers: bias ? ['rows', 'columns', offsetOf('bias')] : ['rows', 'columns'],
  code: `
${bias ? reader('bias', bias) : ''}
float tileOf(float matrix, vec2 at) {
  return (matrix * ceil(n_rows * 0.5) + at.x) * ceil(n_columns * 0.5) + at.y;
}
${whole ? wholeTexels(bias !== null) : numberByNumber(bias !== null)}`,
}));

function wholeTexels(hasBias: boolean): string {
  return `
vec4 texel(float t) {
  vec2 q = divide(t, n_columns * 0.25);
  vec2 row = divide(q.x, n_rows);
  float pair = floor(row.y * 0.5);
  float tile = tileOf(row.x, vec2(pair, 2.0 * q.y));
  vec4 left = tiles_texel(tile), right = tiles_texel(tile + 1.0);
  vec4 product = row.y == 2.0 * pair ? vec4(left.xy, right.xy) : vec4(left.zw, right.zw);
  return product${hasBias ? ' + bias_read(q.y)' : ''};
}`;
}

/** For columns that are no multiple of 4: a texel may hold the end of a row and the beginning of the next. */
function numberByNumber(hasBias: boolean): string {
  return `
float numberAt(float e) {
  vec2 q = divide(e, n_columns);
  vec2 row = divide(q.x, n_rows);
  vec2 at = vec2(row.y, q.y);
  vec2 tile = floor(at * 0.5);
  vec2 odd = at - 2.0 * tile;
  float product = channel(tiles_texel(tileOf(row.x, tile)), 2.0 * odd.x + odd.y);
  return product${hasBias ? ' + bias_at(bias_place(q.y))' : ''};
}

${texelFromElements('numberAt')}`;
}

/**
 * The steps of attention in GLSL. Rows of queries, keys and values are whole texels, `width` of them; scores, weights and
 * slopes are rows of `pitch` texels of four keys each, for a block of `count` rows from `first` on. What a row does not
 * read is left out of all sums, not weighted with 0: it may be NaN. See gpu-table.ts for the tables.
 */
import { type GpuKernel, kernelFamily, MOST_ROUNDS, texelFromElements } from '../glsl/kernel.ts';

/**
 * GLSL for `vec4 sum` over all whole k between two numbers; `add` adds to `part`. It is a sum of sums of 64 steps, so that
 * its error does not grow with their number.
 */
function summed(from: string, end: string, add: string): string {
  return `vec4 sum = vec4(0.0);
  for (int block = 0; block < ${Math.ceil(MOST_ROUNDS / 64)}; block++) {
    float start = ${from} + 64.0 * float(block);
    if (start >= ${end}) break;
    vec4 part = vec4(0.0);
    for (int step = 0; step < 64; step++) {
      float k = start + float(step);
      if (k >= ${end}) break;
      ${add}
    }
    sum += part;
  }`;
}

/** Rows of a view (B, H, T, D) of any strides as whole texels, zeros behind the last element; in their order or another. */
export const packKernel: (d: number, ordered: boolean) => GpuKernel = kernelFamily(
  'attention pack',
  (d: number, ordered: boolean) => ({
    textures: ordered ? ['x', 'order'] : ['x'],
    numbers: ['offset', 'batchStride', 'headStride', 'tokenStride', 'stride', 'heads', 'tokens'],
    code: `
vec4 texel(float t) {
  vec2 row = divide(t, ${Math.ceil(d / 4)}.0);
  vec2 token = divide(${ordered ? 'order_at(row.x)' : 'row.x'}, n_tokens);
  vec2 head = divide(token.x, n_heads);
  float at = n_offset + head.x * n_batchStride + head.y * n_headStride + token.y * n_tokenStride;
  at += 4.0 * row.y * n_stride;
  vec4 x = vec4(x_at(at), x_at(at + n_stride), x_at(at + 2.0 * n_stride), x_at(at + 3.0 * n_stride));
  return choose(within(row.y, ${d}.0), x, vec4(0.0));
}`,
  }),
);

/** The reverse, of rows in their order. */
export const unpackKernel: (d: number) => GpuKernel = kernelFamily('attention unpack', (d: number) => ({
  textures: ['x'],
  numbers: [],
  code: `
float element(float e) {
  vec2 at = divide(e, ${d}.0);
  return x_at(at.x * ${4 * Math.ceil(d / 4)}.0 + at.y);
}
${texelFromElements('element')}`,
}));

/** scale · q kᵀ */
export const scoresKernel: (width: number) => GpuKernel = kernelFamily(
  'attention scores',
  (width: number) => ({
    textures: ['query', 'key', 'rows'],
    numbers: ['first', 'pitch', 'keyStep', 'scale'],
    code: `
vec4 texel(float t) {
  vec2 at = divide(t, n_pitch);
  vec4 row = rows_texel(n_first + at.x);
  if (4.0 * at.y >= row.w) return vec4(0.0);
  float k = row.y + 4.0 * at.y * n_keyStep;
  vec4 score = vec4(0.0);
  for (int step = 0; step < ${width}; step++) {
    float i = float(step);
    vec4 q = query_texel(row.x + i);
    score += vec4(
      dot(q, key_texel(k + i)),
      dot(q, key_texel(k + n_keyStep + i)),
      dot(q, key_texel(k + 2.0 * n_keyStep + i)),
      dot(q, key_texel(k + 3.0 * n_keyStep + i))
    );
  }
  return score * n_scale;
}`,
  }),
);

/** A texel for each row: its largest score, and 1 / Σ e^(score − largest). */
export const statisticsKernel: () => GpuKernel = kernelFamily('attention statistics', () => ({
  textures: ['scores', 'rows'],
  numbers: ['first', 'pitch'],
  code: `
vec4 texel(float t) {
  float visible = rows_texel(n_first + t).w;
  float at = t * n_pitch;
  float end = ceil(0.25 * visible);
  vec4 most = vec4(scores_at(4.0 * at));
  for (int step = 0; step < ${MOST_ROUNDS}; step++) {
    float k = float(step);
    if (k >= end) break;
    most = larger(most, choose(within(k, visible), scores_texel(at + k), most));
  }
  most = larger(most, most.yzwx);
  most = larger(most, most.zwxy);
  ${summed('0.0', 'end', 'part += choose(within(k, visible), expOf(scores_texel(at + k) - most), vec4(0.0));')}
  return vec4(most.x, 1.0 / sumOf(sum), 0.0, 0.0);
}`,
}));

/** The softmax of scores. */
export const weightsKernel: () => GpuKernel = kernelFamily('attention weights', () => ({
  textures: ['scores', 'statistics', 'rows'],
  numbers: ['first', 'pitch'],
  code: `
vec4 texel(float t) {
  vec2 at = divide(t, n_pitch);
  if (4.0 * at.y >= rows_texel(n_first + at.x).w) return vec4(0.0);
  vec4 row = statistics_texel(at.x);
  return expOf(scores_texel(t) - row.x) * row.y;
}`,
}));

/** scale · the gradients of scores: weight · (g · (value − output)). */
export const slopesKernel: (width: number) => GpuKernel = kernelFamily(
  'attention slopes',
  (width: number) => ({
    textures: ['weights', 'g', 'outputs', 'value', 'rows'],
    numbers: ['first', 'pitch', 'valueStep', 'scale'],
    code: `
vec4 texel(float t) {
  vec2 at = divide(t, n_pitch);
  vec4 row = rows_texel(n_first + at.x);
  if (4.0 * at.y >= row.w) return vec4(0.0);
  float v = row.z + 4.0 * at.y * n_valueStep;
  float own = (n_first + at.x) * ${width}.0;
  vec4 slope = vec4(0.0);
  for (int step = 0; step < ${width}; step++) {
    float i = float(step);
    vec4 g = g_texel(own + i);
    vec4 o = outputs_texel(own + i);
    slope += vec4(
      dot(g, value_texel(v + i) - o),
      dot(g, value_texel(v + n_valueStep + i) - o),
      dot(g, value_texel(v + 2.0 * n_valueStep + i) - o),
      dot(g, value_texel(v + 3.0 * n_valueStep + i) - o)
    );
  }
  return weights_texel(t) * slope * n_scale;
}`,
  }),
);

/**
 * For each row of the query Σ weight · x over the keys or values that it reads. Rows of other blocks stay what they were;
 * padding is 0.
 */
export const mixKernel: (width: number, x: 'key' | 'value') => GpuKernel = kernelFamily(
  'attention mix',
  (width: number, x: 'key' | 'value') => ({
    textures: ['weights', 'x', 'rows', 'slots', 'before'],
    numbers: ['first', 'count', 'pitch', 'xStep'],
    code: `
vec4 texel(float t) {
  vec2 at = divide(t, ${width}.0);
  float slot = slots_at(at.x);
  if (slot < 0.0) return vec4(0.0);
  if (slot < n_first || slot >= n_first + n_count) return before_texel(t);
  vec4 row = rows_texel(slot);
  float w = (slot - n_first) * n_pitch;
  float x = row.${x === 'key' ? 'y' : 'z'} + at.y;
  float whole = floor(0.25 * row.w);
  ${summed(
    '0.0',
    'whole',
    `vec4 p = weights_texel(w + k);
      float from = x + 4.0 * k * n_xStep;
      part += p.x * x_texel(from) + p.y * x_texel(from + n_xStep)
        + (p.z * x_texel(from + 2.0 * n_xStep) + p.w * x_texel(from + 3.0 * n_xStep));`,
  )}
  float rest = row.w - 4.0 * whole;
  vec4 p = weights_texel(w + whole);
  float last = x + 4.0 * whole * n_xStep;
  if (rest > 0.5) sum += p.x * x_texel(last);
  if (rest > 1.5) sum += p.y * x_texel(last + n_xStep);
  if (rest > 2.5) sum += p.z * x_texel(last + 2.0 * n_xStep);
  return sum;
}`,
  }),
);

/** For each row of keys Σ weight · x over the rows that read it, added to what the blocks before gave. */
export const collectKernel: (width: number) => GpuKernel = kernelFamily(
  'attention collect',
  (width: number) => ({
    textures: ['weights', 'x', 'keys', 'before'],
    numbers: ['first', 'count', 'pitch'],
    code: `
vec4 texel(float t) {
  vec2 at = divide(t, ${width}.0);
  vec4 key = keys_texel(at.x);
  float from = max(key.x, n_first);
  float end = min(key.y, n_first + n_count);
  ${summed(
    'from',
    'end',
    `vec4 p = weights_texel((k - n_first) * n_pitch + key.z);
      part += channel(p, key.w) * x_texel(k * ${width}.0 + at.y);`,
  )}
  return n_first > 0.0 ? before_texel(t) + sum : sum;
}`,
  }),
);

/** What every kernel finds defined, in GLSL that WebGL 1 and 2 both understand; functions.ts has more, on demand. */
import { withFunctions } from './functions.ts';

/** Texels in a row of every texture that has more than one row: a power of two, so that finding one is exact. */
export const ROW_TEXELS = 1024;

const common = `
#if __VERSION__ >= 300
#define TEXTURE texture
#else
#define TEXTURE texture2D
#endif

// Texel t of a texture; size holds 1 / width and 1 / height.
vec4 fetchTexel(sampler2D data, vec2 size, float t) {
  float row = floor(t * (1.0 / ${ROW_TEXELS}.0));
  return TEXTURE(data, (vec2(t - row * ${ROW_TEXELS}.0, row) + 0.5) * size);
}

// Channel c, from 0 to 3. A product with a mask would let NaN and infinities of the other channels through.
float channel(vec4 v, float c) {
  return c < 1.5 ? (c < 0.5 ? v.x : v.y) : (c < 2.5 ? v.z : v.w);
}

// (floor(a / b), a - b * floor(a / b)) of whole numbers, also where a division is off by its last bits.
vec2 divide(float a, float b) {
  float q = floor((a + 0.5) / b);
  float r = a - q * b;
  float more = (r >= b ? 1.0 : 0.0) - (r < 0.0 ? 1.0 : 0.0);
  return vec2(q + more, r - more * b);
}

// Componentwise: a where the condition holds, otherwise b.
vec4 either(bvec4 condition, vec4 a, vec4 b) {
  return vec4(condition.x ? a.x : b.x, condition.y ? a.y : b.y, condition.z ? a.z : b.z, condition.w ? a.w : b.w);
}

// The same where c is not 0. NaN is not 0, as in JavaScript's comparison.
vec4 choose(vec4 c, vec4 a, vec4 b) {
  return either(notEqual(c, vec4(0.0)), a, b);
}

// Compilers may take comparisons for granted that only NaN fails; the language's own test they leave alone, where it is.
bool isNumber(float v) {
#if __VERSION__ >= 300
  return !isnan(v);
#else
  return v < 0.0 || v >= 0.0;
#endif
}

// The larger one; NaN where either is NaN.
float larger(float a, float b) {
  return isNumber(a) && isNumber(b) ? max(a, b) : a + b;
}

float smaller(float a, float b) {
  return isNumber(a) && isNumber(b) ? min(a, b) : a + b;
}

vec4 larger(vec4 a, vec4 b) {
  return vec4(larger(a.x, b.x), larger(a.y, b.y), larger(a.z, b.z), larger(a.w, b.w));
}

vec4 smaller(vec4 a, vec4 b) {
  return vec4(smaller(a.x, b.x), smaller(a.y, b.y), smaller(a.z, b.z), smaller(a.w, b.w));
}

float sumOf(vec4 v) {
  return (v.x + v.y) + (v.z + v.w);
}

// Which of the elements 4 t … 4 t + 3 are among the first count: 1 or 0 each.
vec4 within(float t, float count) {
  vec4 e = 4.0 * t + vec4(0.0, 1.0, 2.0, 3.0);
  return vec4(lessThan(e, vec4(count)));
}
`;

/** The whole GLSL of a kernel; gpu.js puts `user_` before the names of arguments. */
export function wholeSource(textures: readonly string[], numbers: readonly string[], code: string): string {
  const readers = textures.map(
    (x) => `
vec4 ${x}_texel(float t) { return fetchTexel(user_${x}, vec2(user_${x}Width, user_${x}Height), t); }
float ${x}_at(float e) { float t = floor(e * 0.25); return channel(${x}_texel(t), e - 4.0 * t); }`,
  );
  const names = numbers.map((name) => `#define n_${name} user_${name}`);
  return `${common}${names.join('\n')}\n${readers.join('')}
${withFunctions(code)}
vec4 computeTexel() {
  // Not from gl_FragCoord: WebGL 1 may compute with it in 16 bits, which cannot count beyond 2048.
  vec2 at = floor(vTexCoord * vec2(user_texelColumns, user_texelRows));
  float t = at.y * ${ROW_TEXELS}.0 + at.x;
  if (t >= user_texelCount) return vec4(0.0);
  return texel(t);
}
`;
}

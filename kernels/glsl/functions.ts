/**
 * Functions of four float32 at a time in GLSL. The built-in ones may be off by 1e-5 and more, and say nothing about NaN:
 * of them only 2ⁿ for whole n is used, where its last bit does not matter, and log₂ where a rough one will do.
 *
 * Errors are relative ones, wherever arguments and results are normal numbers; smaller ones may be taken for 0. NaN,
 * infinities and zeros give what JavaScript's own function gives. Nothing here may rely on (x + c) − c being another number
 * than x, or on the sign of a sum that is 0: compilers of GLSL are free to think otherwise. `floor` they leave alone. Constants
 * in two parts do rely on (x − y) − z being computed as it stands; where a compiler joins the parts, errors grow to 5e-6, for
 * large arguments of sin and cos to 5e-4.
 */
import { literal } from './kernel.ts';

/** c₀ + x (c₁ + x (c₂ + …)), from the coefficients in rising order. */
function polynomial(x: string, coefficients: readonly number[]): string {
  return coefficients.map(literal).reduceRight((sum, c) => `${c} + ${x} * (${sum})`);
}

/** The leading 12 bits of ln 2: so few that their product with an exponent is exact. */
const LN2_HIGH = 0.693115234375;
const [LN2, LN2_LOW] = [LN2_HIGH, Math.LN2 - LN2_HIGH].map(literal);

/** (eʳ − 1) / r for −ln 2 / 2 ≤ r ≤ ln 2 in rising powers of r, fitted: the largest relative error is 6e-9. */
const GROWTH = [1, 0.49999997, 0.16666694, 0.041667644, 0.0083274851, 0.0013853653, 0.00023027365];

/** log(1 − erf x) from 3/4 to 4, by rising powers of x, fitted: see pointwise/simd-functions.ts. */
const LOG_ERFC = [
  -2.1405922e-5, -1.1284335, -0.63584155, -0.10516485, 0.022848476, -0.0032058212, 0.00021317755,
];

/** 2/√π (−1)ⁿ / (n! (2n + 1)) for n = 0, 1, …: the Maclaurin series of erf(x) / x in powers of x². */
const ERF_SERIES = [1, -3, 10, -42, 216, -1320, 9360, -75600].map(
  (divisor) => 2 / Math.sqrt(Math.PI) / divisor,
);

/** 2 / ln 2, its leading 12 bits and the rest. */
const TWICE_LOG2E = 2 / Math.LN2;
const TWICE_LOG2E_HIGH = 2.884765625;

/** π/2 in parts, all but the last of 12 bits: their products with as short a number are exact. */
const HALF_PI = [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.563344151594519e-12];
/** Up to here these parts are enough. */
const NEAR = 6000;
/** 2/π, the first digits in base 2¹². */
const TWO_OVER_PI = [
  0xa2f, 0x983, 0x6e4, 0xe44, 0x152, 0x9fc, 0x275, 0x7d1, 0xf53, 0x4dd, 0xc0d, 0xb62, 0x959, 0x93c,
];
/** What x is multiplied by where it is large, and those digits divided by, so that all are normal numbers. */
const SHRINK = 2 ** -60;

/** The smallest normal number. */
const SMALLEST = literal(2 ** -126);

/** In an order in which each calls only earlier ones. Those that use `n_infinity` and `n_nan` need them as numbers. */
const functions: Readonly<Record<string, string>> = {
  signOf: `
vec4 signOf(vec4 x) {
  return either(greaterThan(x, vec4(0.0)), vec4(1.0), either(lessThan(x, vec4(0.0)), vec4(-1.0), x));
}`,

  // 2^n for whole n from -126 to 127, to the last bit, which built-in powers miss on some GPUs.
  powerOfTwo: `
vec4 powerOfTwo(vec4 n) {
#if __VERSION__ >= 300
  return intBitsToFloat((ivec4(n) + 127) << 23);
#else
  vec4 left = abs(n), power = vec4(1.0);
  bvec4 isSmall = lessThan(n, vec4(0.0));
${[64, 32, 16, 8, 4, 2, 1]
  .map((bit) => {
    const factor = `either(isSmall, vec4(${literal(2 ** -bit)}), vec4(${literal(2 ** bit)}))`;
    return `  power *= either(greaterThanEqual(left, vec4(${bit}.0)), ${factor}, vec4(1.0)); left -= ${bit}.0 * step(${bit}.0, left);`;
  })
  .join('\n')}
  return power;
#endif
}`,

  // e^r - 1 for r from -ln 2 / 2 to ln 2.
  growth: `
vec4 growth(vec4 r) {
  return r * (${polynomial('r', GROWTH)});
}`,

  // x = n ln 2 + r: r is small where 2^n is neither too small nor too large for a float32, and has x's sign at 0.
  reduced: `
vec4 reduced(vec4 x, out vec4 n) {
  n = clamp(floor(x * ${literal(Math.LOG2E)} + 0.5), -126.0, 127.0);
  return (x - n * ${LN2}) - n * ${LN2_LOW};
}`,

  // Below 3e-7. GPUs may take a * (1 / b), and 1 / b for 0 where it is no normal number: b must not be as large as that.
  quotient: `
vec4 quotient(vec4 a, vec4 b) {
  vec4 scale = either(greaterThan(abs(b), vec4(${literal(2 ** 64)})), vec4(${literal(2 ** -64)}), vec4(1.0));
  return (a * scale) / (b * scale);
}`,

  // Below 2e-7: 2^n e^r.
  expOf: `
vec4 expOf(vec4 x) {
  vec4 n;
  vec4 r = reduced(x, n);
  return either(lessThan(x, vec4(-87.5)), vec4(0.0), (growth(r) + 1.0) * exp2(n));
}`,

  // Below 3e-7: 2^n (e^r - 1) + (2^n - 1), and -0 for -0, which compilers would make 0.
  expm1Of: `
vec4 expm1Of(vec4 x) {
  vec4 n;
  vec4 r = reduced(x, n);
  vec4 power = exp2(n);
  vec4 y = either(lessThan(x, vec4(-20.0)), vec4(-1.0), power * growth(r) - (1.0 - power));
  return either(equal(x, vec4(0.0)), x, y);
}`,

  // Below 3e-7: t / (t + 2) with t = e^2x - 1, which cancels nowhere.
  tanhOf: `
vec4 tanhOf(vec4 x) {
  vec4 t = expm1Of(2.0 * x);
  return either(greaterThan(abs(x), vec4(10.0)), sign(x), t / (t + 2.0));
}`,

  // Below 2e-7.
  sigmoidOf: `
vec4 sigmoidOf(vec4 x) {
  return 1.0 / (1.0 + expOf(-x));
}`,

  // Below 3e-7: the series below 3/4, 1 - e^P(|x|) above.
  erfOf: `
vec4 erfOf(vec4 x) {
  vec4 a = abs(x);
  vec4 square = x * x;
  vec4 series = x * (${polynomial('square', ERF_SERIES)});
  vec4 large = sign(x) * (1.0 - expOf(${polynomial('a', LOG_ERFC)}));
  return either(lessThan(a, vec4(0.75)), series, either(greaterThan(a, vec4(4.0)), sign(x), large));
}`,

  // 2^k x is from 1/sqrt(2) to sqrt(2), or nearly. 2^k may be too small for a float32: it is the product of two scales.
  exponent: `
void exponent(vec4 x, out vec4 k, out vec4 scale, out vec4 otherScale) {
  vec4 large = vec4(greaterThan(x, vec4(1.0)));
  k = floor(0.5 - log2(x));
  scale = 1.0 - 0.75 * large;
  otherScale = powerOfTwo(k + 2.0 * large);
}`,

  // log(one + x) for one = 0 or 1, below 2e-7. With 2^k (one + x) = 1 + d it is log(1 + d) - k ln 2, and the logarithm is
  // 2 atanh(s) with s = d / (d + 2), by its series to s^9. d comes of x itself: in one + x its last digits are lost. What is
  // largest is added last.
  logOfSum: `
vec4 logOfSum(float one, vec4 x) {
  vec4 sum = one + x;
  vec4 k, scale, otherScale;
  exponent(sum, k, scale, otherScale);
  vec4 d = x * scale * otherScale - (1.0 - one * scale * otherScale);
  vec4 s = d / (d + 2.0);
  vec4 z = s * s;
  vec4 halfSquare = 0.5 * d * d;
  vec4 series = z * (${polynomial('z', [2 / 3, 2 / 5, 2 / 7, 2 / 9])});
  vec4 small = s * (halfSquare + series) - k * ${LN2_LOW};
  vec4 y = (d - (halfSquare - small)) - k * ${LN2};
  y = either(equal(sum, vec4(n_infinity)), sum, either(equal(x, vec4(0.0)), x, y));
  vec4 beyond = either(lessThan(sum, vec4(0.0)), vec4(n_nan), vec4(-n_infinity));
  return either(lessThan(sum, vec4(${SMALLEST})), beyond, y);
}`,

  // The logarithm of normal numbers above 0, off by 1e-7 + 7e-8 |log x|: what sums of exponentials take.
  logOf: `
vec4 logOf(vec4 x) {
  vec4 n = floor(log2(x) + 0.5);
  vec4 rest = x * exp2(-n);
  vec4 s = (rest - 1.0) / (rest + 1.0);
  vec4 z = s * s;
  return n * ${LN2} + (n * ${LN2_LOW} + 2.0 * (s + s * z * (${polynomial('z', [1 / 3, 1 / 5, 1 / 7, 1 / 9])})));
}`,

  // 12 bits of x, at least where x is not below 2^-60: so few that the product with as many is exact, as is the rest.
  leading: `
vec4 leading(vec4 x) {
  // A little less than the logarithm, which is not exact: the rest must never have more than 12 bits.
  vec4 unit = powerOfTwo(floor(log2(max(abs(x), ${literal(2 ** -60)})) - 0.0001) - 11.0);
  return floor(x / unit) * unit;
}`,

  // Adds the fraction of a product, in two parts so that what is added later does not round it away.
  addTurns: `
void addTurns(vec4 product, inout vec4 coarse, inout vec4 fine) {
  vec4 turns = fract(product);
  vec4 front = floor(turns * 4096.0) / 4096.0;
  coarse += front;
  fine += turns - front;
}`,

  // x is n quarter turns and r, |r| no more than pi/4 and a little. Near 0, n pi/2 is subtracted part by part. Far off, |x|
  // is multiplied by 1 / (2 pi) digit by digit: whole turns of such a product do not count, what is left of it is exact.
  quarterTurns: `
vec4 quarterTurns(vec4 x, out vec4 r) {
  vec4 n = floor(x * ${literal(2 / Math.PI)} + 0.5);
  r = ${HALF_PI.reduce((rest, part) => `(${rest} - n * ${literal(part)})`, 'x')};
  bvec4 isFar = greaterThan(abs(x), vec4(${NEAR}.0));
  if (any(isFar)) {
    vec4 small = abs(x) * ${literal(SHRINK)};
    vec4 high = leading(small);
    vec4 low = small - high;
    vec4 coarse = vec4(0.0);
    vec4 fine = vec4(0.0);
    ${TWO_OVER_PI.map((digit, i) => literal((digit * 2 ** (-12 * (i + 1))) / 4 / SHRINK))
      .map((d) => `addTurns(high * ${d}, coarse, fine); addTurns(low * ${d}, coarse, fine);`)
      .join('\n    ')}
    coarse = fract(coarse);
    vec4 quarters = floor(coarse * 4.0 + 0.5);
    n = either(isFar, quarters * sign(x), n);
    r = either(isFar, ((coarse - quarters * 0.25) + fine) * ${literal(2 * Math.PI)} * sign(x), r);
  }
  return n;
}`,

  // The sine of n quarter turns and r, by the Taylor series of sine and cosine to r^9 and r^10.
  sineOf: `
vec4 sineOf(vec4 n, vec4 r) {
  vec4 z = r * r;
  vec4 sine = r * (${polynomial('z', [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880])});
  vec4 cosine = ${polynomial('z', [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800])};
  vec4 y = either(greaterThan(fract(n * 0.5), vec4(0.25)), cosine, sine);
  return either(greaterThan(fract(n * 0.25), vec4(0.375)), -y, y);
}`,

  // Below 3e-7 up to 6000; from there on the absolute error is below 2e-7.
  sinOf: `
vec4 sinOf(vec4 x) {
  vec4 r;
  vec4 n = quarterTurns(x, r);
  return either(equal(abs(x), vec4(n_infinity)), vec4(n_nan), sineOf(n, r));
}`,

  cosOf: `
vec4 cosOf(vec4 x) {
  vec4 r;
  vec4 n = quarterTurns(x, r);
  return either(equal(abs(x), vec4(n_infinity)), vec4(n_nan), sineOf(n + 1.0, r));
}`,

  // x^y as in IEEE 754, below 3e-7: 2^(y log2 |x|), with x's sign where y is odd. The logarithm and its product with y have
  // more digits than a float32, and are sums of two.
  powOf: `
vec4 powOf(vec4 x, vec4 y) {
  vec4 a = max(abs(x), ${SMALLEST});
  vec4 k, scale, otherScale;
  exponent(a, k, scale, otherScale);
  // As in logOfSum: log2 |x| = 2 / ln 2 atanh(s) - k = high + low.
  vec4 d = a * scale * otherScale - 1.0;
  vec4 s = d / (d + 2.0);
  vec4 sHigh = leading(s);
  vec4 dHigh = leading(d);
  vec4 sLow = ((d - 2.0 * sHigh - sHigh * dHigh) - sHigh * (d - dHigh)) / (d + 2.0);
  vec4 z = s * s;
  vec4 series = s * z * (${polynomial(
    'z',
    [3, 5, 7, 9, 11].map((divisor) => TWICE_LOG2E / divisor),
  )});
  vec4 most = sHigh * ${literal(TWICE_LOG2E_HIGH)};
  vec4 rest = series + (sLow * ${literal(TWICE_LOG2E)} + sHigh * ${literal(TWICE_LOG2E - TWICE_LOG2E_HIGH)});
  vec4 high = leading(most - k + rest);
  vec4 low = (most - (high + k)) + rest;
  vec4 bounded = clamp(y, ${literal(-(2 ** 40))}, ${literal(2 ** 40)});
  vec4 yHigh = leading(bounded);
  vec4 tHigh = yHigh * high;
  vec4 tLow = yHigh * low + (bounded - yHigh) * (high + low);
  vec4 n = clamp(floor(tHigh + tLow + 0.5), -150.0, 127.0);
  vec4 power = (growth(max((tHigh - n) + tLow, -1.0) * ${literal(Math.LN2)}) + 1.0) * exp2(n);
  bvec4 isWhole = equal(bounded, floor(bounded));
  bvec4 isHalfWhole = equal(0.5 * bounded, floor(0.5 * bounded));
  power = either(lessThan(x, vec4(0.0)), either(isWhole, power, vec4(n_nan)), power);
  power = either(equal(x, vec4(0.0)), exp2(-200.0 * sign(y)), power);
  power = either(equal(abs(x), vec4(n_infinity)), exp2(200.0 * sign(y)), power);
  // The sign of 0 shows in its inverse.
  bvec4 isNegative = lessThan(x + 1.0 / x, vec4(0.0));
  vec4 isOdd = vec4(isWhole) - vec4(isHalfWhole);
  power = either(isNegative, power * (1.0 - 2.0 * isOdd), power);
  power = either(lessThanEqual(abs(x) + abs(y), vec4(n_infinity)), power, vec4(n_nan));
  return either(equal(x, vec4(1.0)), vec4(1.0), either(equal(y, vec4(0.0)), vec4(1.0), power));
}`,
};

/** GLSL with the functions that it calls, and those that they call, put before it. */
export function withFunctions(code: string): string {
  return Object.entries(functions).reduceRight(
    (text, [name, definition]) => (text.includes(`${name}(`) ? `${definition}\n${text}` : text),
    code,
  );
}

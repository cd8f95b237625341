import { fromTypedArray } from 'hopgrad';

// #region errors
const f = Math.exp;
const x = 1; // where the slope is e
const measures: Record<string, (h: number) => number> = {
  'one-sided': (h) => (f(x + h) - f(x)) / h,
  central: (h) => (f(x + h) - f(x - h)) / (2 * h),
  'five-point': (h) => (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h),
};
for (const [name, slope] of Object.entries(measures)) {
  const errors = [1e-1, 1e-2, 1e-3].map((h) => Math.abs(slope(h) - Math.E));
  console.log(name.padEnd(10), ...errors.map((error) => error.toExponential(1)));
}
// #endregion

/** e^x where all numbers are float32. */
const f32 = (at: number) => fromTypedArray(Float32Array.of(at), [1]).exp().item();

const exponents = Array.from({ length: 57 }, (_, i) => -i / 4); // h from 1 to 1e-14
const curves: [name: string, colour: string, slope: (h: number) => number][] = [
  ['one-sided', '#999', measures['one-sided']],
  ['central', '#0b6e4f', measures.central],
  ['five-point', '#2050a0', measures['five-point']],
  ['central, float32', '#b04020', (h) => (f32(x + h) - f32(x - h)) / (2 * h)],
];

const across = (exponent: number) => 60 + (-exponent / 14) * 400;
const down = (error: number) => 20 + (Math.min(-Math.log10(error), 14) / 14) * 260;

const paths = curves.map(([name, colour, slope], i) => {
  const points = exponents.map((e) => [across(e), down(Math.max(Math.abs(slope(10 ** e) - Math.E), 1e-14))]);
  const line = points.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(' ');
  return (
    `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"/>` +
    `<text x="330" y="${222 + 16 * i}" fill="${colour}">${name}</text>`
  );
});
const ticks = [0, 2, 4, 6, 8, 10, 12, 14].map(
  (n) =>
    `<text x="${across(-n)}" y="298" text-anchor="middle">${n ? `1e-${n}` : 1}</text>` +
    `<text x="52" y="${down(10 ** -n) + 4}" text-anchor="end">${n ? `1e-${n}` : 1}</text>`,
);

// #region figure
const svg = [
  '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320" viewBox="0 0 480 320" font-family="sans-serif" font-size="12"',
  ' aria-label="Error of measured slopes against the step h, both on logarithmic axes: each error falls with h until rounding takes over, in float32 at an error of about 1e-4">',
  '<path d="M60 20V280H460" fill="none" stroke="#333"/><text x="260" y="316" text-anchor="middle">step h</text><text x="66" y="14">error</text>',
  ...ticks,
  ...paths,
  '</svg>',
].join('');
console.log(svg);
// #endregion

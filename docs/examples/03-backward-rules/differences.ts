import { fromTypedArray } from 'hopgrad';

// #region errors
const f = Math.exp;
const x = 1; // where the slope is e
const across = (h: number) => f(x + h) - f(x - h);

const measures = {
  'one-sided': (h: number) => (f(x + h) - f(x)) / h,
  central: (h: number) => across(h) / (2 * h),
  'five-point': (h: number) => (8 * across(h) - across(2 * h)) / (12 * h),
};
for (const [name, slope] of Object.entries(measures)) {
  const errors = [1e-1, 1e-2, 1e-3].map((h) => Math.abs(slope(h) - Math.E));
  console.log(name, ...errors.map((error) => error.toExponential(1)));
}
// #endregion

/** e^x where all numbers are float32. */
const f32 = (at: number) => fromTypedArray(Float32Array.of(at), [1]).exp().item();

const exponents = Array.from({ length: 57 }, (_, i) => -i / 4); // h from 1 to 1e-14

/** The error of a measured slope for steps from 1 to 1e-14, both axes logarithmic. */
function chart(curves: Record<string, (h: number) => number>): string {
  const right = (exponent: number) => 60 + (-exponent / 14) * 400;
  const down = (error: number) => 20 + (Math.min(-Math.log10(error), 14) / 14) * 260;

  const paths = Object.entries(curves).map(([name, slope], i) => {
    const colour = ['#888', '#0b6e4f', '#2050a0', '#b04020'][i];
    const points = exponents.map((e) => [right(e), down(Math.max(Math.abs(slope(10 ** e) - Math.E), 1e-14))]);
    const line = points.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(' ');
    return (
      `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"/>` +
      `<text x="330" y="${222 + 16 * i}" fill="${colour}">${name}</text>`
    );
  });
  const ticks = [0, 2, 4, 6, 8, 10, 12, 14].map(
    (n) =>
      `<text x="${right(-n)}" y="298" text-anchor="middle">${n ? `1e-${n}` : 1}</text>` +
      `<text x="52" y="${down(10 ** -n) + 4}" text-anchor="end">${n ? `1e-${n}` : 1}</text>`,
  );

  return [
    '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320" viewBox="0 0 480 320" font-family="sans-serif" font-size="12"',
    ' aria-label="Error of measured slopes against the step h, both on logarithmic axes: each error falls with h until rounding takes over, in float32 at an error of some 1e-5 to 1e-4">',
    '<path d="M60 20V280H460" fill="none" stroke="#333"/><text x="260" y="316" text-anchor="middle">step h</text><text x="66" y="14">error</text>',
    ...ticks,
    ...paths,
    '</svg>',
  ].join('');
}

// #region figure
const inFloat32 = (h: number) => (f32(x + h) - f32(x - h)) / (2 * h);
console.log(chart({ ...measures, 'central, float32': inFloat32 }));
// #endregion

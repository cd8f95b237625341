// #region runs
// Held-out loss and executed FLOPs per token, in thousands; one seed each, from the log.
const dense: [string, number, number][] = [
  ['3 layers', 353, 1.816],
  ['4', 467, 1.775],
  ['5', 581, 1.768],
  ['6', 695, 1.753],
];
const routed: [string, number, number][] = [
  ['learned B, two on', 434, 1.819],
  ['learned A, two on, P falls', 425, 1.801],
  ['random, two on', 407, 1.829],
  ['Mixture-of-Depths, two on', 403, 1.814],
  ['Mixture-of-Depths, four of eight on', 583, 1.78],
];
// #endregion

// #region line
/** What a dense model of so many FLOPs would reach: along a line over their logarithm. */
function denseAt(flops: number): number {
  const right = dense.findIndex(([, at]) => at >= flops);
  const [[, x0, y0], [, x1, y1]] = [dense[right - 1], dense[right]];
  return y0 + ((Math.log(flops) - Math.log(x0)) / (Math.log(x1) - Math.log(x0))) * (y1 - y0);
}
for (const [name, flops, loss] of routed) {
  const gap = loss - denseAt(flops);
  console.log(
    name.padEnd(36),
    loss.toFixed(3),
    'dense',
    denseAt(flops).toFixed(3),
    'behind by',
    gap.toFixed(3),
  );
}
// #endregion

// #region figure
console.log(draw());
// #endregion

function draw(): string {
  const x = (flops: number) => (60 + (400 * Math.log(flops / 330)) / Math.log(720 / 330)).toFixed(1);
  const y = (loss: number) => (20 + ((1.84 - loss) / 0.1) * 210).toFixed(1);
  const line = dense.map(([, flops, loss]) => `${x(flops)},${y(loss)}`).join(' ');
  const points = [
    ...dense.map((row) => [...row, '#3b82c4'] as const),
    ...routed.map((row) => [...row, row[0].startsWith('random') ? '#8a8f98' : '#e0641e'] as const),
  ];
  const dots = points.map(([name, flops, loss, colour]) => {
    const left = name === 'Mixture-of-Depths, two on';
    const place = `x="${+x(flops) + (left ? -8 : 8)}" y="${+y(loss) + (name.includes('layers') ? -6 : 4)}"`;
    return (
      `<circle cx="${x(flops)}" cy="${y(loss)}" r="4" fill="${colour}"/>` +
      `<text ${place} text-anchor="${left ? 'end' : 'start'}" fill="${colour}">${left ? 'MoD, two on' : name}</text>`
    );
  });
  const ticks = [1.75, 1.8].map(
    (loss) => `<text x="52" y="${+y(loss) + 4}" text-anchor="end">${loss.toFixed(2)}</text>`,
  );
  const below = [353, 467, 581, 695].map(
    (flops) => `<text x="${x(flops)}" y="248" text-anchor="middle">${flops}k</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 260" width="640" height="260" font-family="sans-serif" font-size="12" ` +
    `aria-label="Held-out loss over executed FLOPs: a line through dense models of 3 to 6 layers, and five routed models, all on the worse side of the line.">` +
    `<rect width="640" height="260" fill="#fff"/><path d="M60 14V234H480" fill="none" stroke="#999"/>${ticks.join('')}${below.join('')}` +
    `<text x="66" y="16" fill="#777">nats per character; better ↓</text>` +
    `<polyline points="${line}" fill="none" stroke="#3b82c4"/>${dots.join('')}<text x="490" y="248">FLOPs per token</text></svg>`
  );
}

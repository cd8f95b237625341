/** Running sums and products on the GPU against the float64 reference. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HostView, sizeOf } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { onGpu } from './gpu-parity.ts';
import { packedView, resultOf } from './views.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

onGpu('running sums and products', (gpu) => {
  function expectScan(kind: 'sum' | 'prod', x: HostView): void {
    const columns = x.shape[x.shape.length - 1];
    const passes = Math.max(1, Math.ceil(Math.log(columns) / Math.log(8) - 1e-9));
    const magnitudes = new Float64Array(sizeOf(x.shape));
    for (let i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.abs(x.buffer[x.offset + i]) + (i % columns === 0 ? 0 : magnitudes[i - 1]);
    }
    const slack = (value: number, at: number): number =>
      kind === 'sum'
        ? 7 * passes * (2 ** -24 * magnitudes[at] + 2 ** -126)
        : ((at % columns) + 1) * 2 ** -24 * Math.abs(value) + 2 ** -126;
    gpu.expectParity('scan', [kind, x, resultOf(x.shape, 'float32')], { slack });
  }

  test.each([1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 257, 512, 513, 1000, 1024, 1025, 4100])(
    'of rows of %d',
    (columns) => {
      for (const offset of [0, 3]) {
        const random = new Random(columns);
        expectScan(
          'sum',
          packedView([3, columns], offset, (i) => random.normal() * 2 ** ((i * 5) % 17)),
        );
        expectScan(
          'prod',
          packedView([3, columns], offset, (i) => 1 + Math.sin(i) / 4),
        );
      }
    },
  );

  test('keep what is not finite from what stands before it', () => {
    const finite = fc.integer({ min: -8, max: 8 }).map((k) => k / 4);
    const values = fc.oneof({ weight: 6, arbitrary: finite }, fc.constantFrom(nan, inf, -inf));
    const kinds = fc.constantFrom('sum' as const, 'prod' as const);
    fc.assert(
      fc.property(kinds, fc.array(values, { minLength: 40, maxLength: 40 }), (kind, data) => {
        expectScan(
          kind,
          packedView([2, 20], 1, (i) => data[i]),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('of whole numbers go to the host; other counts compile nothing new', () => {
    const out = resultOf([1, 3], 'int32');
    const whole = { ...resultOf([1, 3], 'int32'), buffer: Int32Array.of(2 ** 24, 1, 1) };
    expect([...gpu.run('scan', ['sum', whole, out], [out])[0]]).toEqual([2 ** 24, 2 ** 24 + 1, 2 ** 24 + 2]);
    expectScan(
      'sum',
      packedView([4, 20], 0, (i) => i),
    );
    const { compiled } = gpu.machine.counters;
    for (const shape of [
      [9, 70],
      [1, 300],
      [2, 0],
    ])
      expectScan(
        'sum',
        packedView(shape, 0, (i) => i),
      );
    expect(gpu.machine.counters.compiled - compiled).toBe(0);
  });
});

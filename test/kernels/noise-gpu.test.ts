/** Gumbel noise on the GPU: the very bits that the reference makes. */
import { expect, test } from 'vitest';
import { gumbel } from '../../kernels/random/reference.ts';
import { onGpu } from './gpu-parity.ts';
import { resultOf } from './views.ts';

onGpu('noise', (gpu) => {
  test.each([
    [0, 0, 0, 5],
    [7, 9, 1, 5003],
    [2 ** 32 - 1, 2 ** 31, 2 ** 33 - 6, 64],
    [1, 2, 12_345, 0],
  ])('of key %d %d from position %d has the bits of the reference, rounded', (key0, key1, position, size) => {
    const out = resultOf([size], 'float32');
    const [found] = gpu.expectParity('gumbel', [key0, key1, position, out], {
      slack: (value) => Math.abs(Math.fround(value) - value),
    });
    gumbel(key0, key1, position, out);
    expect(found).toEqual(out.buffer);
  });

  test('replaces what a kernel left, without reading it back, and is what the next kernel reads', () => {
    const { machine, kernels } = gpu;
    const view = resultOf([3, 4], 'float32');
    const [noise, row, index] = [
      { ...view, buffer: machine.allocate('float32', 12) },
      { ...resultOf([1, 4], 'float32'), buffer: machine.allocate('float32', 4) },
      { ...resultOf([1], 'int32'), buffer: machine.over('int32', Int32Array.of(1)) },
    ];
    kernels.scatterAddRows({ ...index, shape: [0] }, row, noise); // zeros
    const { readbacks } = machine.counters;
    kernels.gumbel(3, 4, 5, noise);
    kernels.gatherRows(noise, index, row);
    expect(machine.counters.readbacks).toBe(readbacks);
    gumbel(3, 4, 5, view);
    expect(machine.host(row.buffer)).toEqual(view.buffer.slice(4, 8));
    for (const { buffer } of [noise, row, index]) machine.release(buffer);
  });
});

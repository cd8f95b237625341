import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Expression, input, parameter } from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import { contiguousStrides } from '../../kernels/strides.ts';
import { borrowedKernels } from '../../src/device/borrowed.ts';
import type { Device } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { devices, type Layout, launch, layouts } from './fixtures.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 0, maxLength: 3 });
const whole = fc.integer({ min: -3, max: 3 });
/** A view of this shape, with numbers in its buffer. */
function filled(shape: readonly number[], values: fc.Arbitrary<number>) {
  return layouts(shape).chain((layout) =>
    fc
      .array(values, { minLength: layout.length, maxLength: layout.length })
      .map((numbers) => ({ layout, data: Float32Array.from(numbers) })),
  );
}

/** Expressions of two inputs and a parameter whose values stay small whole numbers, so that every device is exact. */
const exact = fc.letrec<{ leaf: Expression; tree: Expression }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(input(0), input(1), parameter(0)),
    whole.map((value) => parameter(0).mul(value)),
  ),
  tree: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    fc
      .tuple(
        fc.constantFrom('add', 'sub', 'mul', 'maximum', 'minimum', 'lessThan', 'lessEqual', 'equal'),
        tie('tree'),
        tie('tree'),
      )
      .map(([fn, a, b]) => a[fn as 'add'](b)),
    fc.tuple(fc.constantFrom('neg', 'abs'), tie('tree')).map(([fn, a]) => a[fn as 'neg']()),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([condition, a, b]) => condition.select(a, b)),
  ),
})).tree;

describe.each(Object.entries(devices))('kernels of %s against the reference', (_, start) => {
  const started = start();

  test('pointwise programs over whole numbers: equal, for any strides', async () => {
    const device = await started;
    const cases = shapes.chain((shape) =>
      fc.tuple(fc.constant(shape), exact, filled(shape, whole), filled(shape, whole), whole),
    );
    fc.assert(
      fc.property(cases, ([shape, expression, a, b, number]) => {
        const program = compile(expression, 2, 1);
        const on = (d: Device) =>
          launch(d, shape, 'float32', [a, b], (kernels, views, out) => {
            kernels.pointwise(program, views, [number], out);
          });
        // + 0 because the sign of a zero may depend on the order of roundings.
        expect(on(device).map((x) => x + 0)).toEqual(on(reference).map((x) => x + 0));
      }),
      { numRuns: 60 },
    );
  });

  test('matmul: within the bound of k roundings, for any strides, batches and tile edges', async () => {
    const device = await started;
    const size = fc.integer({ min: 1, max: 19 });
    const cases = fc
      .tuple(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), size, size, size)
      .chain(([batch, m, k, n]) => {
        const value = fc.float({ min: -2, max: 2, noNaN: true });
        const [a, b] = [filled([...batch, m, k], value), filled([...batch, k, n], value)];
        return fc.record({ shape: fc.constant([...batch, m, n]), k: fc.constant(k), a, b });
      });
    fc.assert(
      fc.property(cases, ({ shape, k, a, b }) => {
        const on = (d: Device, x: typeof a, y: typeof b) =>
          launch(d, shape, 'float32', [x, y], (kernels, [p, q], out) => kernels.matmul(p, q, null, out));
        const magnitude = on(
          reference,
          { ...a, data: a.data.map(Math.abs) },
          { ...b, data: b.data.map(Math.abs) },
        );
        const [got, expected] = [on(device, a, b), on(reference, a, b)];
        got.forEach((value, i) => {
          const bound = (k + 1) * 2 ** -24 * magnitude[i] + 1e-40;
          expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(bound);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('matmul without inner elements is zero', async () => {
    const empty = {
      layout: { shape: [3, 0], strides: [0, 1], offset: 0, length: 0 },
      data: new Float32Array(0),
    };
    const other = { ...empty, layout: { ...empty.layout, shape: [0, 5] } };
    const got = launch(await started, [3, 5], 'float32', [empty, other], (kernels, [a, b], out) =>
      kernels.matmul(a, b, null, out),
    );
    expect(got).toEqual(new Float32Array(15));
  });

  test('sums over any axes of whole numbers: equal, for any strides', async () => {
    const device = await started;
    const cases = shapes.chain((shape) =>
      fc.tuple(fc.subarray(shape.map((_, axis) => axis)), filled(shape, whole)),
    );
    fc.assert(
      fc.property(cases, ([axes, x]) => {
        const shape = x.layout.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
        const on = (d: Device) =>
          launch(d, shape, 'float32', [x], (kernels, [view], out) => kernels.reduce('sum', view, axes, out));
        expect(on(device).map((v) => v + 0)).toEqual(on(reference).map((v) => v + 0));
      }),
      { numRuns: 60 },
    );
  });

  test('a borrowed kernel writes all of its results', async () => {
    const device = await started;
    const values = Float32Array.of(3, 1, 2, 9, 8, 7);
    const x = { buffer: device.upload('float32', values), dtype: 'float32' as const, ...rows(2, 3) };
    const sorted = { ...x, buffer: device.allocate('float32', 6) };
    const indices = { ...x, dtype: 'int32' as const, buffer: device.allocate('int32', 6) };
    device.kernels.sort(x, false, sorted, indices);
    expect([...device.readSync(sorted.buffer, 'float32', 6)]).toEqual([1, 2, 3, 7, 8, 9]);
    expect([...device.readSync(indices.buffer, 'int32', 6)]).toEqual([1, 2, 0, 2, 1, 0]);
    const column = { ...sorted, shape: [2, 1], offset: 1 };
    const source = { ...x, buffer: device.upload('float32', Float32Array.of(-5, -6)), ...rows(2, 1) };
    device.kernels.copyInto(source, column);
    expect([...device.readSync(sorted.buffer, 'float32', 6)]).toEqual([1, -5, 3, 7, -6, 9]);
  });
});

test('a borrowed kernel settles every buffer before it opens one, in masks and lists too', () => {
  const calls: string[] = [];
  const kernels = borrowedKernels<string>({
    settle: (buffer) => calls.push(`settle ${buffer}`),
    read: (buffer) => {
      calls.push(`read ${buffer}`);
      return buffer === 'positions' ? new Int32Array(6) : new Float32Array(6);
    },
    write: () => {},
  });
  const view = (buffer: string, shape = [1, 1, 2, 3]) => ({
    buffer,
    dtype: buffer === 'positions' ? ('int32' as const) : ('float32' as const),
    shape,
    strides: contiguousStrides(shape),
    offset: 0,
  });
  const [q, k, v, out] = ['q', 'k', 'v', 'out'].map((name) => view(name));
  kernels.attention(q, k, v, { causal: true, positions: view('positions', [1, 2]), batch: null }, 1, out);
  const firstRead = calls.findIndex((call) => call.startsWith('read'));
  expect(calls.slice(0, firstRead).sort()).toEqual(
    ['k', 'out', 'positions', 'q', 'v'].map((x) => `settle ${x}`),
  );
  expect(calls.slice(firstRead).every((call) => call.startsWith('read'))).toBe(true);
});

function rows(count: number, width: number): Layout {
  return { shape: [count, width], strides: [width, 1], offset: 0, length: count * width };
}

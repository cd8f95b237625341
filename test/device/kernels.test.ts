import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeModule } from '../../kernels/assembler/module.ts';
import { packFunction, simdMatmul, tileFunction } from '../../kernels/matmul/simd.ts';
import { type Expression, input, parameter } from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import { rowFunction, simdPointwise } from '../../kernels/pointwise/simd.ts';
import { contiguousStrides } from '../../kernels/strides.ts';
import { cpu } from '../../src/device/cpu.ts';
import type { Device } from '../../src/device/device.ts';
import { gpuDevice } from '../../src/device/gpu.ts';
import { GpuRunner, loadGpuJs } from '../../src/device/gpujs.ts';
import { WasmMemory } from '../../src/device/wasm-memory.ts';
import { devices, type Layout, launch, layouts } from './fixtures.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 0, maxLength: 3 });
const whole = fc.integer({ min: -3, max: 3 });
/** Numbers that float32 holds, among them what devices like to get wrong. */
const awkward = fc.oneof(
  { weight: 6, arbitrary: fc.float({ min: -100, max: 100, noNaN: true }) },
  fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, 3e38),
);

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
        expect(on(device).map((x) => x + 0)).toEqual(on(cpu).map((x) => x + 0));
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
          launch(d, shape, 'float32', [x, y], (kernels, [p, q], out) => kernels.matmul(p, q, out));
        const magnitude = on(cpu, { ...a, data: a.data.map(Math.abs) }, { ...b, data: b.data.map(Math.abs) });
        const [got, expected] = [on(device, a, b), on(cpu, a, b)];
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
      kernels.matmul(a, b, out),
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
        expect(on(device).map((v) => v + 0)).toEqual(on(cpu).map((v) => v + 0));
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

function rows(count: number, width: number): Layout {
  return { shape: [count, width], strides: [width, 1], offset: 0, length: count * width };
}

describe('the emitted SIMD kernels', () => {
  test.each([
    'add',
    'sub',
    'mul',
    'div',
    'maximum',
    'minimum',
    'lessThan',
    'lessEqual',
    'equal',
    'neg',
    'abs',
    'sqrt',
    'select',
  ] as const)('%s rounds as float32 does and knows NaN, infinity and −0', (fn) => {
    const [a, b, c] = [input(0), input(1), input(2)];
    const root =
      fn === 'select' ? a.select(b, c) : fn === 'neg' || fn === 'abs' || fn === 'sqrt' ? a[fn]() : a[fn](b);
    const program = compile(root, 3, 0);
    const memory = new WasmMemory();
    const pointwise = simdPointwise(memory, () => {
      throw new Error('this program should not have been passed on');
    });
    const numbers = fc.array(awkward, { minLength: 33, maxLength: 33 });
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 33 }), fc.tuple(numbers, numbers, numbers), (n, inputs) => {
        const make = (values: readonly number[]) => {
          const buffer = memory.allocate('float32', n);
          memory.array(buffer).set(Float32Array.from(values.slice(0, n)) as Float32Array);
          return { buffer, dtype: 'float32' as const, shape: [n], strides: [1], offset: 0 };
        };
        const views = inputs.map(make);
        const out = make([]);
        pointwise(program, views, [], out);
        const layout = { shape: [n], strides: [1], offset: 0, length: n };
        const expected = launch(
          cpu,
          [n],
          'float32',
          inputs.map((values) => ({ layout, data: Float32Array.from(values.slice(0, n)) })),
          (kernels, hostViews, hostOut) => kernels.pointwise(program, hostViews, [], hostOut),
        );
        expect(memory.array(out.buffer)).toEqual(expected);
        for (const { buffer } of [...views, out]) memory.release(buffer);
      }),
      { numRuns: 40 },
    );
  });

  test('run row by row where an input is stretched, without passing the work on', () => {
    const memory = new WasmMemory();
    const pointwise = simdPointwise(memory, () => {
      throw new Error('this program should not have been passed on');
    });
    const view = (strides: number[], length: number) => ({
      buffer: memory.allocate('float32', length),
      dtype: 'float32' as const,
      shape: [3, 5],
      strides,
      offset: 0,
    });
    const [x, bias, scale, out] = [view([5, 1], 15), view([0, 1], 5), view([1, 0], 3), view([5, 1], 15)];
    for (const { buffer } of [x, bias, scale]) {
      memory.array(buffer).set(Float32Array.from({ length: buffer.length }, (_, i) => i + 1));
    }
    pointwise(compile(input(0).mul(input(2)).add(input(1)), 3, 0), [x, bias, scale], [], out);
    const expected = Array.from({ length: 15 }, (_, i) => (i + 1) * (Math.floor(i / 5) + 1) + (i % 5) + 1);
    expect([...memory.array(out.buffer)]).toEqual(expected);
  });

  test('write nothing but their result', () => {
    const size = fc.integer({ min: 1, max: 19 });
    fc.assert(
      fc.property(size, size, size, (m, k, n) => {
        const memory = new WasmMemory();
        const room = 20_000;
        const scratch = memory.scratch(room);
        const matrix = (rows: number, columns: number) => ({
          buffer: memory.allocate('float32', rows * columns),
          dtype: 'float32' as const,
          shape: [rows, columns],
          strides: [columns, 1],
          offset: 0,
        });
        const [a, out, b] = [matrix(m, k), matrix(m, n), matrix(k, n)];
        const bytes = new Uint8Array(memory.memory.buffer).fill(1);
        const expected = bytes.slice();
        const check = (): void => {
          const { offset, length } = out.buffer;
          for (const [start, count] of [
            [offset, 4 * length],
            [scratch, room],
          ]) {
            expected.set(bytes.subarray(start, start + count), start);
          }
          expect(Buffer.compare(bytes, expected)).toBe(0);
        };
        simdMatmul(memory)(a, b, out);
        check();
        const double = compile(input(0).add(input(0)), 1, 0);
        simdPointwise(memory, () => {})(double, [out], [], { ...out });
        check();
      }),
      { numRuns: 40 },
    );
  });

  test('are modules that Node accepts, byte by byte the same each time', () => {
    const program = compile(input(0).add(1).mul(input(1)), 2, 0);
    const make = () =>
      encodeModule([tileFunction(), packFunction('pack', 4), rowFunction(program, ['row', 'value'])]);
    const { WebAssembly } = globalThis as unknown as {
      WebAssembly: { validate(bytes: Uint8Array): boolean };
    };
    expect(WebAssembly.validate(make())).toBe(true);
    expect(make()).toEqual(make());
  });
});

describe('kernels given to gpu.js', () => {
  test('are compiled once for each source and length, and the oldest make room', async () => {
    const runner = new GpuRunner(await loadGpuJs(), 'cpu', 3);
    const device = gpuDevice('cpu', runner);
    const double = compile(input(0).mul(parameter(0)), 1, 1);
    const run = (n: number, factor: number) => {
      const layout = { shape: [n], strides: contiguousStrides([n]), offset: 0, length: n };
      const data = Float32Array.from({ length: n }, (_, i) => i + 0.5);
      const input = { layout, data };
      const out = launch(device, [n], 'float32', [input], (kernels, views, out) =>
        kernels.pointwise(double, views, [factor], out),
      );
      expect([...out]).toEqual([...data].map((x) => x * factor));
    };
    run(4, 2);
    run(4, 0.25); // a whole number first must not make the parameter an integer
    expect(runner.size).toBe(1);
    for (const n of [5, 6, 7, 8, 4]) run(n, 3);
    expect(runner.size).toBe(3);
  });

  test('loop over more than a thousand elements', async () => {
    const layout = { shape: [2, 1500], strides: [1500, 1], offset: 0, length: 3000 };
    for (const mode of ['cpu', 'webasm'] as const) {
      const device = gpuDevice(mode, new GpuRunner(await loadGpuJs(), mode));
      const x = { layout, data: new Float32Array(3000).fill(1) };
      const out = launch(device, [2, 1], 'float32', [x], (kernels, [view], out) =>
        kernels.reduce('sum', view, [1], out),
      );
      expect([...out]).toEqual([1500, 1500]);
    }
  });
});

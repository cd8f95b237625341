import { afterEach, describe, expect, test } from 'vitest';
import { type GpuBuffer, kernelFamily } from '../../kernels/glsl/kernel.ts';
import { DeviceLost, OutOfMemory } from '../../src/device/device.ts';
import { gpuDevice } from '../../src/device/gpu.ts';
import { type Bounds, GlMachine } from '../../src/device/gpu-machine.ts';
import { GlContext, type GpuJs, loadGpuJs } from '../../src/device/gpujs.ts';
import { tensor } from '../../src/index.ts';
import { gpuHere } from '../gpu-here.ts';

/** Adds a constant that stands in the source, so that each is another kernel. */
const plus = kernelFamily('plus', (constant: number) => ({
  textures: ['x'],
  numbers: [],
  code: `vec4 texel(float t) { return x_texel(t) + ${constant}.0; }`,
}));

const numbers = kernelFamily('numbers', () => ({
  textures: [],
  numbers: ['a', 'b', 'c'],
  code: 'vec4 texel(float t) { return vec4(n_a, n_b, n_c, t); }',
}));

const wrong = kernelFamily('wrong', () => ({
  textures: [],
  numbers: [],
  code: 'vec4 texel(float t) { return nothing; }',
}));

const opened: GlContext[] = [];
afterEach(() => {
  for (const context of opened.splice(0)) context.lose();
});

async function open(bounds?: Partial<Bounds>): Promise<GlMachine> {
  const context = GlContext.open(await loadGpuJs(), gpuHere.mode);
  opened.push(context);
  return new GlMachine(context, bounds);
}

const floats = (machine: GlMachine, ...values: number[]): GpuBuffer =>
  machine.over('float32', Float32Array.from(values));

/** What `plus` gives. */
function added(machine: GlMachine, x: GpuBuffer, constant: number): GpuBuffer {
  const out = machine.allocate('float32', x.length);
  machine.run(plus(constant), [x], [], out);
  return out;
}

/** Calls a function of the context's GL otherwise, for tests of what cannot be had at will. */
function patched(change: (gl: Record<string, unknown>) => void): Promise<GpuJs> {
  return loadGpuJs().then((library) => {
    class GPU extends library.GPU {
      override createKernel(
        source: string,
        settings: object,
      ): ReturnType<InstanceType<GpuJs['GPU']>['createKernel']> {
        const made = super.createKernel(source, settings);
        change(made.kernel.context as unknown as Record<string, unknown>);
        return made;
      }
    }
    return { ...kinds(library), GPU };
  });
}

function kinds({ GPU, HeadlessGLKernel, WebGL2Kernel, WebGLKernel }: GpuJs): GpuJs {
  return { GPU, HeadlessGLKernel, WebGL2Kernel, WebGLKernel };
}

describe.skipIf(!gpuHere.available)('a GL context', () => {
  test('says what draws in the words of the driver', async () => {
    const { context } = await open();
    expect(context.renderer.length).toBeGreaterThan('ANGLE'.length);
    expect(context.mostRows).toBeGreaterThanOrEqual(1024);
  });

  test('is refused with kernels of another class than asked for', async () => {
    const Other = { isSupported: true };
    const library = {
      ...kinds(await loadGpuJs()),
      HeadlessGLKernel: Other,
      WebGL2Kernel: Other,
      WebGLKernel: Other,
    };
    expect(() => GlContext.open(library, gpuHere.mode)).toThrow(
      `gpu.js gave other kernels than ${gpuHere.mode} ones`,
    );
  });

  test('is refused without float textures', async () => {
    const needed = gpuHere.mode === 'webgl2' ? 'EXT_color_buffer_float' : 'OES_texture_float';
    const library = await patched((gl) => {
      const ask = gl.getExtension as (name: string) => unknown;
      gl.getExtension = (name: string) => (name === needed ? null : ask.call(gl, name));
    });
    expect(() => GlContext.open(library, gpuHere.mode)).toThrow(
      `has no float textures (${needed}) in ${gpuHere.mode}`,
    );
  });

  test('is refused where it computes something else, and where it reports an error', async () => {
    const silent = await patched((gl) => {
      gl.drawArrays = () => {};
    });
    expect(() => GlContext.open(silent, gpuHere.mode)).toThrow('computes 0 in place of -192 (element 0)');
    const ofTwoRows = await patched((gl) => {
      const scissor = gl.scissor as (x: number, y: number, width: number, height: number) => void;
      gl.scissor = (x: number, y: number, width: number, height: number) =>
        scissor.call(gl, x, y, width, Math.min(height, 2));
    });
    expect(() => GlContext.open(ofTwoRows, gpuHere.mode)).toThrow('(element 8192)');
    const failing = await patched((gl) => {
      gl.getError = () => gl.INVALID_FRAMEBUFFER_OPERATION;
    });
    expect(() => GlContext.open(failing, gpuHere.mode)).toThrow(
      'WebGL reports INVALID_FRAMEBUFFER_OPERATION',
    );
  });
});

describe.skipIf(!gpuHere.available)('a machine of the GPU', () => {
  test('runs kernels without inputs, with NaN and infinities among their numbers, from call to call', async () => {
    const machine = await open();
    const out = machine.allocate('float32', 6);
    for (const [a, b, c] of [
      [1, Number.NaN, Infinity],
      [-Infinity, 2, Number.NaN],
      [0.5, 2, 1],
    ]) {
      machine.run(numbers(), [], [a, b, c], out);
      expect([...machine.host(out)]).toEqual([a, b, c, 0, a, b]);
    }
    expect(machine.counters.compiled).toBe(1);
  });

  test('reads a result that is among the inputs as it was', async () => {
    const machine = await open();
    const x = floats(machine, 1, 2, 3);
    machine.run(plus(1), [x], [], x);
    machine.run(plus(1), [x], [], x);
    expect([...machine.host(x)]).toEqual([3, 4, 5]);
  });

  test('takes texels of every size, in one row and in several', async () => {
    const machine = await open();
    for (const length of [1, 2, 5, 4095, 4096, 4097, 4096 * 2 + 1, 4096 * 9 + 3]) {
      const given = Float32Array.from({ length }, (_, i) => i);
      const out = added(machine, machine.over('float32', given), 1);
      expect(machine.host(out)).toEqual(given.map((value) => value + 1));
    }
  });

  test('takes buffers without elements', async () => {
    const machine = await open();
    const nothing = floats(machine);
    expect(added(machine, nothing, 1).length).toBe(0);
    const out = machine.allocate('float32', 2);
    machine.run(plus(3), [nothing], [], out); // what is read there is anything; that it runs is enough
    expect(machine.host(out).length).toBe(2);
    expect(machine.host(nothing)).toEqual(new Float32Array(0));
  });

  test('gives zeros for what was never written', async () => {
    const machine = await open();
    expect([...machine.host(machine.allocate('float32', 3))]).toEqual([0, 0, 0]);
    expect([...machine.host(added(machine, machine.allocate('float32', 3), 2))]).toEqual([2, 2, 2]);
  });

  test('keeps whole numbers on the host when it uploads them, and knows which are the same as floats', async () => {
    const machine = await open();
    const small = machine.over('int32', Int32Array.of(2 ** 24, -(2 ** 24), 3));
    const large = machine.over('int32', Int32Array.of(2 ** 24 + 1, 3));
    for (const [x, exact] of [
      [small, true],
      [large, false],
    ] as const) {
      expect(machine.isExact(x)).toBe(exact);
      added(machine, x, 1);
      expect(machine.isExact(x)).toBe(exact);
    }
    expect([...machine.host(large)]).toEqual([2 ** 24 + 1, 3]);
    expect(machine.counters.readbacks).toBe(0);
    machine.write(large, Int32Array.of(1, 2));
    expect(machine.isExact(large)).toBe(true);
    expect([...machine.host(added(machine, large, 1))]).toEqual([2, 3]);
  });

  test('computes with whole numbers beyond 2 ** 24 to the last digit', async () => {
    const device = gpuDevice(await open());
    const x = tensor([2 ** 24 + 1, -(2 ** 30) - 1, 5], { device, dtype: 'int32' });
    expect(x.add(2).toArray()).toEqual([2 ** 24 + 3, -(2 ** 30) + 1, 7]);
    expect(
      x
        .eq(tensor([2 ** 24, -(2 ** 30) - 1, 5], { device, dtype: 'int32' }))
        .to('int32')
        .toArray(),
    ).toEqual([0, 1, 1]);
    expect(
      x
        .to('float32')
        .sub(2 ** 24)
        .toArray(),
    ).toEqual([0, -(2 ** 30) - 2 ** 24, 5 - 2 ** 24]);
  });

  test('moves what is in a texture, on the host, or nowhere', async () => {
    const machine = await open();
    const to = (): GpuBuffer => machine.over('int32', Int32Array.of(7, 7));
    const [computed, written, none] = [0, 1, 2].map(() => machine.scratch(2));
    machine.run(plus(1), [floats(machine, 1, 2)], [], computed);
    machine.write(written, Float32Array.of(4, 5));
    const found = [computed, written, none].map((scratch) => {
      const out = to();
      machine.move(scratch, out);
      machine.release(scratch);
      return machine.host(out);
    });
    expect(found).toEqual([Int32Array.of(2, 3), Int32Array.of(4, 5), Int32Array.of(0, 0)]);
  });

  test('uses textures again, and releases a buffer once however often it is asked', async () => {
    const machine = await open();
    const x = floats(machine, 1, 2);
    const y = added(machine, x, 1);
    const { textures } = machine.counters;
    for (let i = 0; i < 50; i++) {
      const z = added(machine, y, 1);
      machine.release(z);
      machine.release(z);
    }
    expect(machine.counters.textures).toBe(textures + 1);
    expect([added(machine, y, 1), added(machine, y, 2)].map((z) => [...machine.host(z)])).toEqual([
      [3, 4],
      [4, 5],
    ]);
    machine.release(x);
    for (const use of [() => machine.host(x), () => added(machine, x, 1)]) {
      expect(use).toThrow('gpu: a buffer was read after its release');
    }
  });

  test('deletes textures that wait, those of sizes not used for longest first', async () => {
    const machine = await open({ idleBytes: 3 * 4096 });
    const computed = (length: number): GpuBuffer => {
      const out = machine.allocate('float32', length);
      machine.run(numbers(), [], [1, 2, 3], out);
      return out;
    };
    const lengths = [1, 5, 9, 17, 33];
    const textures = (): number => machine.counters.textures;
    for (const buffer of lengths.map(computed)) machine.release(buffer);
    expect([textures(), machine.counters.textureBytes]).toEqual([3, 3 * 4096]);
    const alive = [33, 17, 9, 5, 1].map((length) => [[...machine.host(computed(length))][0], textures()]);
    expect(alive).toEqual([3, 3, 3, 4, 5].map((count) => [1, count]));
  });

  test('compiles a kernel once, and lets those go that were not used for longest', async () => {
    const machine = await open({ programs: 3 });
    const x = floats(machine, 1, 2, 3);
    const kept = [1, 2, 3].map((constant) => added(machine, x, constant));
    for (let i = 0; i < 5; i++)
      for (const constant of [3, 1, 2]) machine.release(added(machine, x, constant));
    expect(machine.counters.compiled).toBe(3);
    for (let constant = 4; constant <= 40; constant++) {
      const y = added(machine, x, constant);
      expect([...machine.host(y)]).toEqual([1 + constant, 2 + constant, 3 + constant]);
      // One that was compiled before the newest draws too, and one that comes back.
      expect([...machine.host(added(machine, y, constant - 1))]).toEqual([
        2 * constant,
        1 + 2 * constant,
        2 + 2 * constant,
      ]);
      expect(machine.programs).toBe(3);
    }
    expect(machine.counters.compiled).toBe(41);
    kept.push(added(machine, x, 1));
    expect(machine.counters.compiled).toBe(42);
    expect(kept.map((y) => [...machine.host(y)])).toEqual([
      [2, 3, 4],
      [3, 4, 5],
      [4, 5, 6],
      [2, 3, 4],
    ]);
  });

  test('names a kernel that cannot be compiled, and goes on', async () => {
    const machine = await open();
    const { textures } = machine.counters;
    const out = machine.allocate('float32', 2);
    for (let i = 0; i < 3; i++)
      expect(() => machine.run(wrong(), [], [], out)).toThrow(/gpu: the kernel wrong .* failed: .*nothing/s);
    expect(machine.counters.textures).toBe(textures + 1);
    expect([...machine.host(added(machine, floats(machine, 1), 1))]).toEqual([2]);
  });

  test('refuses tensors with more elements than can be counted, or than fit into a texture', async () => {
    const machine = await open();
    expect(() => machine.allocate('float32', 2 ** 24 + 1)).toThrow(OutOfMemory);
    expect(() => machine.allocate('float32', 2 ** 24 + 1)).toThrow(
      /^gpu: a tensor of 16777217 elements is too large: at most 16777216 .* use smaller batches, or the device cpu$/,
    );
    const indices = machine.over('int32', new Int32Array(2 ** 24 + 1)); // a text may be that long; it stays on the host
    expect(machine.host(indices).length).toBe(2 ** 24 + 1);
    expect(() => added(machine, indices, 1)).toThrow(OutOfMemory);
    const x = new Float32Array(2 ** 24);
    x[2 ** 24 - 1] = 5;
    expect(machine.host(added(machine, machine.over('float32', x), 1))[2 ** 24 - 1]).toBe(6);
  });

  test('gives up what waits where memory is full, and then says so', async () => {
    let full = false;
    const library = await patched((gl) => {
      const ask = gl.getError as () => number;
      gl.getError = () => (full ? (gl.OUT_OF_MEMORY as number) : ask.call(gl));
    });
    const machine = new GlMachine(GlContext.open(library, gpuHere.mode));
    opened.push(machine.context);
    const x = floats(machine, 1);
    machine.release(added(machine, x, 1));
    full = true;
    const another = machine.over('float32', new Float32Array(100));
    expect(() => added(machine, another, 1)).toThrow(OutOfMemory);
    expect(() => added(machine, another, 1)).toThrow(/^gpu: out of memory; use smaller batches/);
    expect(machine.counters.textures).toBe(1);
    full = false;
    expect(machine.host(added(machine, another, 1))[99]).toBe(1);
    expect([...machine.host(added(machine, x, 1))]).toEqual([2]);
  });

  test('says that the context is lost, whatever it is asked, and lets buffers go', async () => {
    const machine = await open();
    const [x, y] = [floats(machine, 1, 2), floats(machine, 3, 4)];
    const z = added(machine, x, 1);
    machine.context.lose();
    expect(machine.context.isLost).toBe(true);
    for (const use of [
      () => machine.host(z), // readback
      () => added(machine, z, 1), // a kernel that is there
      () => added(machine, z, 2), // one that has to be compiled
      () => added(machine, y, 1), // an upload
    ]) {
      expect(use).toThrow(DeviceLost);
      expect(use).toThrow(
        /^gpu: the system has taken .* away, with all that stood on it; await useDevice\('gpu'\) starts it again$/,
      );
    }
    expect([...machine.host(y)]).toEqual([3, 4]);
    for (const buffer of [x, y, z]) machine.release(buffer);
    machine.context.finish();
  });

  test('finds out that the context was lost while it worked', async () => {
    let code: number | null = null;
    const library = await patched((gl) => {
      const ask = gl.getError as () => number;
      gl.getError = () => code ?? ask.call(gl);
    });
    const context = GlContext.open(library, gpuHere.mode);
    opened.push(context);
    const machine = new GlMachine(context);
    const x = added(machine, floats(machine, 1), 1);
    code = 0x9242;
    expect(() => machine.host(x)).toThrow(DeviceLost);
  });
});

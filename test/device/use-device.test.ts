import { afterEach, describe, expect, test, vi } from 'vitest';
import { plainMode, simdDevice } from '../../src/device/cpu.ts';
import { CpuMachine } from '../../src/device/cpu-machine.ts';
import { reference } from '../../src/device/reference.ts';
import { addDevice, deviceNames, startDevice } from '../../src/device/use-device.ts';
import { currentDevice, tensor, useDevice } from '../../src/index.ts';
import { toDevice } from '../../src/tensor/to-device.ts';
import { cpuMachine } from './fixtures.ts';

const cores = process.getBuiltinModule('node:os').availableParallelism();

afterEach(async () => {
  vi.doUnmock('gpu.js');
  await useDevice('cpu', { threads: Math.min(cores, 8) });
});

describe('useDevice', () => {
  test('says what was asked, what runs and what that is', async () => {
    expect(await useDevice('cpu')).toEqual({
      asked: 'cpu',
      running: 'cpu',
      renderer: null,
      reason: expect.stringMatching(/^WebAssembly SIMD .* on (one thread|[2-8] threads).*; float64 in plain/),
    });
    expect(tensor([1, 2, 3]).device).toBe(currentDevice());
    expect(currentDevice().name).toBe('cpu');
    const first = currentDevice();
    expect(await useDevice('reference')).toEqual({
      asked: 'reference',
      running: 'reference',
      renderer: null,
      reason: expect.stringContaining('plain JavaScript'),
    });
    await useDevice('cpu');
    expect(currentDevice()).toBe(first);
  });

  test.runIf(process.platform === 'linux')(
    "'gpu' without a display falls back and tells why, or refuses",
    async () => {
      delete process.env.DISPLAY; // gpu.js looks once, and here for the first time
      await useDevice('reference');
      expect(await useDevice('gpu')).toEqual({
        asked: 'gpu',
        running: 'cpu',
        renderer: null,
        reason: 'headless-gl needs a display, and there is none: start it with xvfb-run -a in front',
      });
      expect(currentDevice().name).toBe('cpu');
      await useDevice('reference');
      await expect(useDevice('gpu', { fallback: 'error' })).rejects.toThrow(
        /'gpu' cannot run here: headless-gl needs a display.*fallback: 'cpu'/,
      );
      expect(currentDevice().name).toBe('reference');
    },
  );

  test('without gpu.js says how to install it', async () => {
    vi.doMock('gpu.js', () => {
      throw new Error('Cannot find package');
    });
    const { reason, running } = await useDevice('gpu');
    expect(running).toBe('cpu');
    expect(reason).toContain("gpu.js is not installed: npm install 'gpu.js@~2.24.1'");
  });

  test('starts a device once, and again when it is lost', async () => {
    const started: { isLost: boolean }[] = [];
    addDevice('fragile', async () => {
      if (started.length === 2) throw new Error('no more of them');
      const device = { ...reference, name: 'fragile', isLost: false };
      started.push(device);
      return device;
    });
    await useDevice('fragile');
    expect(await startDevice('fragile')).toBe(started[0]);
    started[0].isLost = true;
    expect((await useDevice('fragile')).running).toBe('fragile');
    expect(currentDevice()).toBe(started[1]);
    started[1].isLost = true;
    expect(await useDevice('fragile')).toMatchObject({ running: 'cpu', reason: 'no more of them' });
    await expect(startDevice('fragile')).rejects.toThrow('no more of them');
  });

  test('keeps the device it had when the one asked for is refused', async () => {
    addDevice('broken', async () => {
      throw new Error('nothing there');
    });
    await useDevice('reference');
    await expect(useDevice('broken', { fallback: 'error' })).rejects.toThrow('nothing there');
    expect(currentDevice().name).toBe('reference');
  });

  test('names the devices there are when asked for another', async () => {
    await expect(useDevice('tpu')).rejects.toThrow(
      `there is no device 'tpu'. Choose one of: ${deviceNames().join(', ')}.`,
    );
  });
});

describe('the number of threads', () => {
  test('is told to the cpu device, kept, and said in the report', async () => {
    expect((await useDevice('cpu', { threads: 3 })).reason).toMatch(/^WebAssembly SIMD .* on 3 threads; /);
    expect((await useDevice('cpu')).reason).toMatch(/ on 3 threads; /);
    expect((await useDevice('cpu', { threads: 1 })).reason).toMatch(/ on one thread \(as asked\); /);
  });

  test('holds for the cpu device also where another was asked for that cannot run', async () => {
    addDevice('broken', async () => {
      throw new Error('nothing there');
    });
    await useDevice('broken', { threads: 3 });
    expect(currentDevice().description).toMatch(/ on 3 threads; /);
  });

  test('must be one that there can be', async () => {
    await useDevice('reference');
    for (const threads of [0, -1, 1.5, 65, 1e9, Number.NaN, '2' as unknown as number]) {
      await expect(useDevice('cpu', { threads })).rejects.toThrow(
        `useDevice: threads must be a whole number from 1 to 64, not ${threads}`,
      );
    }
    expect(currentDevice().name).toBe('reference');
  });

  test('is refused by a device that has no use for it', async () => {
    await expect(useDevice('reference', { threads: 2 })).rejects.toThrow(
      "useDevice: the device 'reference' takes no threads: leave the option out, or use 'cpu'",
    );
    expect(currentDevice().name).toBe('cpu');
    expect((await useDevice('reference', { threads: undefined })).running).toBe('reference');
  });

  test('is one where memory is not shared, and the report goes on saying why', async () => {
    const device = simdDevice(cpuMachine(), 'no way to share memory');
    await device.configure?.({ threads: 3 });
    expect(device.description).toMatch(/ on one thread \(no way to share memory\); /);
    expect(() => device.configure?.({ threads: 0 })).toThrow('threads must be');
  });

  test('begins as what the processor has, at most 8', () => {
    expect(new CpuMachine({ ...plainMode, shared: true, threads: 2 }).threads).toBe(2);
    expect(new CpuMachine({ ...plainMode, shared: false, threads: 2 }).threads).toBe(1);
  });
});

describe('one rung after the other is missing', () => {
  /** What `useDevice('cpu')` says where some globals are replaced, and what 2 · 3 is there. */
  async function reasonWith(globals: Record<string, unknown>, threads?: number): Promise<string> {
    vi.resetModules();
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    try {
      const library: typeof import('../../src/index.ts') = await import('../../src/index.ts');
      const { asked, running, reason } = await library.useDevice('cpu', { threads });
      expect([asked, running]).toEqual(['cpu', 'cpu']);
      expect(library.tensor([1, 2]).mul(3).softmax().shape).toEqual([2]);
      expect(library.tensor([1, 2]).mul(3).toArray()).toEqual([3, 6]);
      expect(
        library
          .tensor([[1, 2]], { dtype: 'float64' })
          .matmul(library.tensor([[3], [4]], { dtype: 'float64' }))
          .item(),
      ).toBe(11);
      return reason;
    } finally {
      vi.unstubAllGlobals();
      vi.resetModules();
    }
  }
  const { WebAssembly } = globalThis as unknown as { WebAssembly: object };
  /** WebAssembly with some functions replaced. */
  const assembly = (replaced: Record<string, unknown>): object =>
    Object.assign(Object.create(null, Object.getOwnPropertyDescriptors(WebAssembly)), {}, replaced);
  /** Memory as browsers give it to a page that is not cross-origin isolated, or has too little room. */
  class SmallMemory extends (WebAssembly as { Memory: new (limits: object) => object }).Memory {
    constructor(limits: { shared?: boolean }) {
      if (limits.shared) throw new RangeError('could not allocate memory');
      super(limits);
    }
  }

  test.each([
    ['nothing', {}, 2, /^WebAssembly SIMD .* on 2 threads; .*float64 in plain JavaScript$/],
    [
      'shared memory',
      { SharedArrayBuffer: undefined },
      2,
      /^WebAssembly SIMD .* on one thread \(memory cannot be shared here \(a page must be cross-origin isolated\)\); .*float64/,
    ],
    [
      'room for shared memory',
      { WebAssembly: assembly({ Memory: SmallMemory }) },
      2,
      /^WebAssembly SIMD .* on one thread \(memory for several threads cannot be had here\); .*float64/,
    ],
    [
      'threads',
      { process: { ...process, getBuiltinModule: undefined }, Worker: undefined },
      undefined,
      /^WebAssembly SIMD .* on one thread \(no threads here \(they take Node 20\.16 and newer, or a browser\)\); .*float64/,
    ],
    [
      'SIMD',
      { WebAssembly: assembly({ validate: () => false }) },
      2,
      /^plain JavaScript loops on one thread: WebAssembly with SIMD is not available here$/,
    ],
    [
      'WebAssembly',
      { WebAssembly: undefined },
      undefined,
      /^plain JavaScript loops on one thread: WebAssembly with SIMD is not available here$/,
    ],
  ])('%s', async (_, globals, threads, reason) => {
    expect(await reasonWith(globals, threads)).toMatch(reason);
  });
});

describe('tensors of several devices', () => {
  test('do not mix, and the error says how to move one', async () => {
    const onCpu = tensor([1, 2, 3]);
    await useDevice('reference');
    const onReference = tensor([4, 5, 6]);
    expect(() => onCpu.add(onReference)).toThrow(
      'add: argument 1 lives on cpu and argument 2 on reference; move one of them with await toDevice(x, device)',
    );
    expect(() => onCpu.assign(onReference)).toThrow(/on reference does not fit.*on cpu/);
    const moved = await toDevice(onReference, onCpu.device);
    expect(onCpu.add(moved).toArray()).toEqual([5, 7, 9]);
    expect((await toDevice(onCpu, reference)).mul(2).toArray()).toEqual([2, 4, 6]);
  });

  test('keep to the types their device has', async () => {
    const x = tensor([1, 2], { dtype: 'float64' });
    const other = { ...reference, name: 'small', dtypes: ['float32' as const] };
    await expect(toDevice(x, other)).rejects.toThrow('the device small has no float64; it has float32.');
    const y = await toDevice(tensor([1, 2]), other);
    expect(() => y.to('float64')).toThrow('the device small has no float64');
  });
});

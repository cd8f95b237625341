import { afterEach, describe, expect, test, vi } from 'vitest';
import { addDevice, deviceNames, startDevice } from '../../src/device/use-device.ts';
import { currentDevice, tensor, useDevice } from '../../src/index.ts';
import { toDevice } from '../../src/tensor/to-device.ts';

afterEach(async () => {
  vi.doUnmock('gpu.js');
  await useDevice('cpu');
});

describe('useDevice', () => {
  test('says what was asked, what runs and what that is', async () => {
    expect(await useDevice('wasm')).toEqual({
      asked: 'wasm',
      running: 'wasm',
      reason: expect.stringContaining('WebAssembly SIMD'),
    });
    expect(tensor([1, 2, 3]).device).toBe(currentDevice());
    expect(currentDevice().name).toBe('wasm');
    const first = currentDevice();
    await useDevice('cpu');
    await useDevice('wasm');
    expect(currentDevice()).toBe(first);
  });

  test('runs gpu.js on the processor only by a name that says so', async () => {
    for (const mode of ['webasm', 'cpu']) {
      const report = await useDevice(`gpujs-${mode}`);
      expect(report.running).toBe(`gpujs-${mode}`);
      expect(report.reason).toMatch(/no GPU/);
    }
  });

  test("'gpu' without WebGL falls back and tells why, or refuses", async () => {
    vi.doMock('gpu.js', () => ({ default: { GPU: { isGPUSupported: false } } }));
    await useDevice('wasm');
    const report = await useDevice('gpu');
    expect(report).toMatchObject({ asked: 'gpu', running: 'cpu' });
    expect(report.reason).toMatch(/^no WebGL here/);
    expect(currentDevice().name).toBe('cpu');
    await expect(useDevice('gpu', { fallback: 'error' })).rejects.toThrow(
      /'gpu' cannot run here: no WebGL here.*fallback: 'cpu'/,
    );
  });

  test('without gpu.js says how to install it', async () => {
    vi.doMock('gpu.js', () => {
      throw new Error('Cannot find package');
    });
    const { reason, running } = await useDevice('gpu');
    expect(running).toBe('cpu');
    expect(reason).toContain("gpu.js is not installed: npm install 'gpu.js@~2.24.1'");
  });

  test('keeps the device it had when the one asked for is refused', async () => {
    addDevice('broken', async () => {
      throw new Error('nothing there');
    });
    await useDevice('wasm');
    await expect(useDevice('broken', { fallback: 'error' })).rejects.toThrow('nothing there');
    expect(currentDevice().name).toBe('wasm');
  });

  test('names the devices there are when asked for another', async () => {
    await expect(useDevice('tpu')).rejects.toThrow(
      `there is no device 'tpu'. Choose one of: ${deviceNames().join(', ')}.`,
    );
  });
});

describe('tensors of several devices', () => {
  test('do not mix, and the error says how to move one', async () => {
    const onCpu = tensor([1, 2, 3]);
    await useDevice('wasm');
    const onWasm = tensor([4, 5, 6]);
    expect(() => onCpu.add(onWasm)).toThrow(
      'add: argument 1 lives on cpu and argument 2 on wasm; move one of them with await toDevice(x, device)',
    );
    expect(() => onCpu.assign(onWasm)).toThrow(/on wasm does not fit.*on cpu/);
    const moved = await toDevice(onWasm, onCpu.device);
    expect(onCpu.add(moved).toArray()).toEqual([5, 7, 9]);
    expect((await toDevice(onCpu, await startDevice('gpujs-cpu'))).mul(2).toArray()).toEqual([2, 4, 6]);
  });

  test('keep to the types their device has', async () => {
    const x = tensor([1, 2], { dtype: 'float64' });
    const wasm = await startDevice('wasm');
    await expect(toDevice(x, wasm)).rejects.toThrow(
      'the device wasm has no float64; it has float32, int32, bool.',
    );
    const y = await toDevice(tensor([1, 2]), wasm);
    expect(() => y.to('float64')).toThrow('the device wasm has no float64');
  });
});

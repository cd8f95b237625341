import { afterEach, describe, expect, test, vi } from 'vitest';
import { DeviceLost } from '../../src/device/device.ts';
import { startGpu } from '../../src/device/gpu.ts';
import { GlContext } from '../../src/device/gpujs.ts';
import { currentDevice, tensor, toDevice, useDevice } from '../../src/index.ts';
import { gpuHere } from '../gpu-here.ts';

const inNode = gpuHere.mode === 'headlessgl';
const open = vi.spyOn(GlContext, 'open');
const lose = (): void => (open.mock.results[open.mock.results.length - 1].value as GlContext).lose();

afterEach(async () => {
  await useDevice('cpu');
});

describe.skipIf(!gpuHere.available)("useDevice('gpu')", () => {
  test('says what runs there and what draws, and starts it once', async () => {
    const { renderer, ...report } = await useDevice('gpu', { fallback: 'error' });
    expect(renderer).toBe(currentDevice().renderer);
    const kind = inNode ? 'WebGL 1 (headless-gl)' : 'WebGL 2';
    expect(report).toEqual({ asked: 'gpu', running: 'gpu', reason: `${kind} through gpu.js on ${renderer}` });
    const first = currentDevice();
    await useDevice('cpu');
    await useDevice('gpu');
    expect(currentDevice()).toBe(first);
    expect(tensor([1, 2, 3]).mul(2).sum().item()).toBe(12);
  });

  test('takes no options of the cpu, and has no float64', async () => {
    await expect(useDevice('gpu', { threads: 2 })).rejects.toThrow("the device 'gpu' takes no threads");
    await useDevice('gpu');
    expect(() => tensor([1, 2], { dtype: 'float64' })).toThrow(
      'the device gpu has no float64; it has float32, int32, bool.',
    );
  });

  test('starts another where the system has taken the first away', async () => {
    const onCpu = tensor([1, 2, 3]);
    await useDevice('gpu', { fallback: 'error' });
    const first = currentDevice();
    const x = (await toDevice(onCpu, first)).mul(2);
    x.storage.settle();
    lose();
    expect(first.isLost).toBe(true);
    expect(() => x.toArray()).toThrow(DeviceLost);
    expect(() => x.add(1).toArray()).toThrow(
      /^gpu: the system has taken .*; await useDevice\('gpu'\) starts it again$/,
    );
    await expect(x.data()).rejects.toThrow(DeviceLost);
    await first.synchronize();
    expect((await useDevice('gpu', { fallback: 'error' })).running).toBe('gpu');
    expect(currentDevice()).not.toBe(first);
    expect(currentDevice().isLost).toBe(false);
    expect((await toDevice(onCpu, currentDevice())).mul(2).toArray()).toEqual([2, 4, 6]);
  });

  test('goes on with the cpu where the context computes something else', async () => {
    await useDevice('gpu');
    lose();
    open.mockImplementation((_, mode) => {
      throw new Error(`${mode} computes 0`);
    });
    const reason = inNode ? 'headlessgl computes 0' : 'webgl2 computes 0; webgl computes 0';
    expect(await useDevice('gpu')).toEqual({ asked: 'gpu', running: 'cpu', renderer: null, reason });
    await expect(useDevice('gpu', { fallback: 'error' })).rejects.toThrow(
      `useDevice: 'gpu' cannot run here: ${reason}. Pass { fallback: 'cpu' } to go on without it.`,
    );
    open.mockRestore();
  });

  test('says for each kind of context what is missing', async () => {
    if (inNode)
      await expect(startGpu(['webgl2', 'webgl'])).rejects.toThrow('no WebGL 2 here; no WebGL 1 here');
    else await expect(startGpu(['headlessgl'])).rejects.toThrow('headless-gl gives no context here');
  });
});

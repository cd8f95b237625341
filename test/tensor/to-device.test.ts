import { describe, expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import type { Device } from '../../src/device/device.ts';
import { arange, tensor } from '../../src/index.ts';
import { toDevice } from '../../src/tensor/to-device.ts';

const other: Device = { ...cpu, name: 'other', dtypes: ['float32', 'int32', 'bool'] };

describe('toDevice', () => {
  test('moves the values of a view, and a leaf stays a leaf', async () => {
    const x = arange(6).reshape([2, 3]).transpose();
    const moved = await toDevice(x, other);
    expect(moved.device).toBe(other);
    expect(moved.toArray()).toEqual(x.toArray());
    const weight = await toDevice(tensor([1], { requiresGrad: true }), other);
    expect([weight.isLeaf, weight.requiresGrad]).toEqual([true, true]);
    expect(await toDevice(x, cpu)).toBe(x);
  });

  test('refuses what it would lose', async () => {
    const y = tensor([1], { requiresGrad: true }).mul(2);
    await expect(toDevice(y, other)).rejects.toThrow(
      'toDevice: gradients do not flow from other back to cpu; move the leaves before computing. ' +
        'Did you mean toDevice(x.detach(), device)?',
    );
    await expect(toDevice(tensor([1], { dtype: 'float64' }), other)).rejects.toThrow(
      "toDevice: the device other has no float64; it has float32, int32, bool. Did you mean x.to('float32')?",
    );
  });

  test('is what an op on two devices asks for', async () => {
    const x = tensor([1]);
    const far = await toDevice(x, other);
    expect(() => x.add(far)).toThrow('move one of them with await toDevice(x, device).');
  });
});

/** A pending result that is reshaped or transposed before the next op reads it keeps its numbers in their places. */
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from '../../src/device/wasm.ts';
import { arange, type Device, tensor } from '../../src/index.ts';

describe.each(['cpu', 'wasm'])('on %s', (name) => {
  let options: { device?: Device };
  beforeAll(async () => {
    options = name === 'wasm' ? { device: await startWasm() } : {};
  });

  test('a reshape of a pending transpose', () => {
    const x = arange(8, options).reshape([4, 2]).transpose().mul(2).reshape([8]).add(1);
    expect(x.toArray()).toEqual([1, 5, 9, 13, 3, 7, 11, 15]);
  });

  test('a transpose of a pending column', () => {
    const column = tensor([[1], [2], [3], [4]], options).mul(tensor([[10]], options));
    expect(column.transpose().add(1).toArray()).toEqual([[11, 21, 31, 41]]);
  });

  test('integers wrap around before the next op sees them', () => {
    const x = tensor([2147483647], { ...options, dtype: 'int32' });
    expect(x.add(1).clamp(0).toArray()).toEqual([0]);
  });
});

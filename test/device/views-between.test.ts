/** A pending result that is reshaped or transposed before the next op reads it keeps its numbers in their places. */
import { describe, expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import { reference } from '../../src/device/reference.ts';
import { arange, tensor } from '../../src/index.ts';

describe.each([reference, cpu])('on $name', (device) => {
  const options = { device };

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

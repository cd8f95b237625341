import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { inScope } from '../../src/device/scope.ts';
import { wasmDevice } from '../../src/device/wasm.ts';
import { WasmMemory } from '../../src/device/wasm-memory.ts';
import { noGrad, type Tensor, tensor, zeros } from '../../src/index.ts';

let memory: WasmMemory;
let device: Device;

beforeEach(() => {
  memory = new WasmMemory();
  device = wasmDevice(memory);
});

const of = (...values: number[]): Tensor => tensor(values, { device });
const leaf = (...values: number[]): Tensor => tensor(values, { device, requiresGrad: true });
/** Takes all released blocks, so that whoever reads one reads these numbers. */
const overwrite = (): void => {
  for (let i = 0; i < 20; i++) of(-99, -99, -99);
};

describe('a scope', () => {
  test('gives back what was made in it, pending or not', () => {
    const x = of(1, 2, 3);
    const before = memory.liveBytes;
    const total = inScope(() => {
      x.mul(2).add(1); // never needed
      x.exp().storage.settle();
      return x.square().sum().item();
    });
    expect(total).toBe(14);
    expect(memory.liveBytes).toBe(before);
  });

  test('leaves alone what was made outside, even if the tape held it meanwhile', () => {
    const [x, w] = [of(1, 2, 3), leaf(4, 5, 6)];
    inScope(() => x.mul(w).square().sum().backward());
    overwrite();
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(w.toArray()).toEqual([4, 5, 6]);
    expect(w.grad?.toArray()).toEqual([8, 40, 108]);
  });

  test('says so when a tensor of its own is read after its end', () => {
    const x = of(1, 2, 3);
    const lost = inScope(() => x.square().sum());
    expect(() => lost.item()).toThrow(/made inside a scope.*ended.*retain/);
  });

  test('spares what is held, until it is let go within another scope', () => {
    const x = of(1, 2, 3);
    const before = memory.liveBytes;
    const kept = inScope(() => {
      const y = x.square();
      y.storage.retain();
      return y;
    });
    overwrite();
    expect(kept.toArray()).toEqual([1, 4, 9]);
    const withKept = memory.liveBytes;
    inScope(() => kept.storage.release());
    expect(memory.liveBytes).toBeLessThan(withKept);
    expect(memory.liveBytes).toBeGreaterThanOrEqual(before);
  });

  test('hands on to the scope around it what is held at its end', () => {
    const x = of(1, 2, 3);
    const before = memory.liveBytes;
    inScope(() => {
      const y = inScope(() => {
        const y = x.square();
        y.storage.retain();
        return y;
      });
      expect(y.toArray()).toEqual([1, 4, 9]);
      y.storage.release();
    });
    expect(memory.liveBytes).toBe(before);
  });

  test('lets gradients add up over several scopes and takes them back once they are cleared', () => {
    const w = leaf(1, 2, 3);
    const before = memory.liveBytes;
    for (let i = 0; i < 3; i++) inScope(() => w.square().sum().backward());
    overwrite();
    expect(w.grad?.toArray()).toEqual([6, 12, 18]);
    const after = memory.liveBytes;
    inScope(() => {
      w.grad = null;
    });
    expect(memory.liveBytes).toBeLessThan(after);
    expect(memory.liveBytes).toBeGreaterThanOrEqual(before);
  });
});

describe('assign', () => {
  test('shares the numbers and leaves the source its own', () => {
    const [a, b, c] = [of(0, 0, 0), of(1, 2, 3), of(0, 0, 0)];
    a.assign(b);
    c.assign(b);
    a.assign(of(7, 7, 7));
    b.assign(of(8, 8, 8));
    overwrite();
    expect([a, b, c].map((x) => x.toArray())).toEqual([
      [7, 7, 7],
      [8, 8, 8],
      [1, 2, 3],
    ]);
  });

  test('inside a scope outlives it, also from a view or a pending result', () => {
    const [a, b] = [zeros([2, 2], { device }), zeros([2, 2], { device })];
    inScope(() => {
      const x = of(1, 2, 3, 4).reshape([2, 2]);
      a.assign(x.transpose());
      b.assign(x.add(x));
    });
    overwrite();
    expect(a.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(b.toArray()).toEqual([
      [2, 4],
      [6, 8],
    ]);
  });

  test('to itself, and from a result of itself, many times, keeps one buffer', () => {
    const p = of(1, 2, 3);
    const before = memory.liveBytes;
    for (let i = 0; i < 10; i++) {
      inScope(() => {
        p.assign(p);
        noGrad(() => p.assign(p.add(1)));
      });
    }
    expect(p.toArray()).toEqual([11, 12, 13]);
    expect(memory.liveBytes).toBe(before);
  });

  test('does not change what a pending result was going to read', () => {
    const p = of(1, 2, 3);
    const y = p.mul(10);
    p.assign(of(5, 5, 5));
    overwrite();
    expect(y.toArray()).toEqual([10, 20, 30]);
  });
});

test('what is made outside any scope comes back when the garbage collector finds it', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const kept = of(1, 2, 3);
  for (let i = 0; i < 100; i++) zeros([1000], { device }).add(i).exp().toTypedArray();
  expect(memory.liveBytes).toBeGreaterThan(400_000);
  for (let i = 0; i < 100 && memory.liveBytes > 10_000; i++) {
    gc();
    await new Promise((resume) => setTimeout(resume, 10));
  }
  expect(memory.liveBytes).toBeLessThan(10_000);
  expect(kept.toArray()).toEqual([1, 2, 3]);
});

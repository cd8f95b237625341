import { beforeEach, describe, expect, test } from 'vitest';
import { simdDevice } from '../../src/device/cpu.ts';
import type { CpuMemory } from '../../src/device/cpu-memory.ts';
import type { Device } from '../../src/device/device.ts';
import { inScope } from '../../src/device/scope.ts';
import { customOp, gradients, noGrad, type Tensor, tensor, zeros } from '../../src/index.ts';
import { cpuMachine } from './fixtures.ts';

let memory: CpuMemory;
let device: Device;
/** Called after every allocation. */
let watch = (): void => {};

beforeEach(() => {
  const machine = cpuMachine();
  memory = machine.memory;
  const simd = simdDevice(machine);
  device = {
    ...simd,
    allocate: (dtype, length) => {
      const buffer = simd.allocate(dtype, length);
      watch();
      return buffer;
    },
  };
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

describe('backward', () => {
  const steps = 100;
  const bytes = 16 * 16 * 4;
  const square = (requiresGrad = false): Tensor => zeros([16, 16], { device, requiresGrad });
  /** A long chain of products, of which each gradient is a kernel's. */
  const chain = (x: Tensor): Tensor => {
    const weight = square();
    let y = x;
    for (let i = 0; i < steps; i++) y = y.matmul(weight);
    return y.sum();
  };
  /** Bytes in use at most while backward runs, above those in use before. */
  const peak = (run: () => void): number => {
    const before = memory.liveBytes;
    let most = before;
    watch = () => {
      most = Math.max(most, memory.liveBytes);
    };
    run();
    watch = () => {};
    return most - before;
  };

  test('frees each gradient on the way once it has been passed on, in a scope and outside', () => {
    const x = square(true);
    const few = 5 * bytes;
    inScope(() => {
      const loss = chain(x);
      expect(peak(() => loss.backward())).toBeLessThan(few);
    });
    x.grad = null;
    const loss = chain(x);
    expect(peak(() => loss.backward())).toBeLessThan(few);
    const other = chain(x);
    expect(peak(() => gradients(other, [x]))).toBeLessThan(few);
  });

  test('keeps what it will read again where it is itself recorded', () => {
    const x = leaf(1, 2, 3);
    const slope = gradients(x.mul(x).mul(x).sum(), [x], { createGraph: true })[0];
    overwrite();
    const curvature = gradients(slope.sum(), [x])[0];
    overwrite();
    expect([slope, curvature].map((t) => t.toArray())).toEqual([
      [3, 12, 27],
      [6, 12, 18],
    ]);
  });

  test('frees what rules make beside their results, such as contiguous copies', () => {
    const x = square(true);
    inScope(() => {
      let y: Tensor = x;
      for (let i = 0; i < steps; i++) y = y.softmax().transpose();
      const loss = y.sum();
      expect(peak(() => loss.backward())).toBeLessThan(5 * bytes);
    });
  });

  test('leaves a user what hooks were shown and what they made, in the middle, at a leaf and at the result', () => {
    const x = leaf(1, 2, 3);
    const y = x.exp().log();
    const z = y.mul(y);
    const loss = z.sum();
    const seen: Tensor[] = [];
    for (const t of [x, y, z, loss]) {
      t.registerHook((g) => {
        seen.push(g, g.mul(2));
        return undefined;
      });
    }
    loss.backward();
    x.grad = null;
    overwrite();
    const numbers = seen.map((t) => t.toArray());
    expect(numbers.slice(0, 4)).toEqual([1, 2, [1, 1, 1], [2, 2, 2]]);
    const [ofY, twiceY, ofX, twiceX] = numbers.slice(4) as number[][];
    for (let i = 0; i < 3; i++) {
      expect(ofY[i]).toBeCloseTo(2 * (i + 1), 5);
      expect(twiceY[i]).toBeCloseTo(4 * (i + 1), 5);
      expect(ofX[i]).toBeCloseTo(2 * (i + 1), 5);
      expect(twiceX[i]).toBeCloseTo(4 * (i + 1), 5);
    }
  });

  test('leaves a user what hooks put in place of a gradient', () => {
    const x = leaf(1, 2, 3);
    const mine = of(10, 20, 30);
    const y = x.mul(2);
    y.registerHook(() => mine);
    y.mul(5).sum().backward();
    overwrite();
    expect(mine.toArray()).toEqual([10, 20, 30]);
    expect(x.grad?.toArray()).toEqual([20, 40, 60]);
  });

  test("leaves a user what his own op's rule was given and what it made", () => {
    const kept: Tensor[] = [];
    const twice = customOp({
      name: 'twice',
      forward: (x) => x.mul(2),
      backward: (g) => {
        kept.push(g, g.add(1), g.reshape([3, 1]));
        return [g.mul(2)];
      },
    });
    const x = leaf(1, 2, 3);
    twice(x.mul(3))
      .mul(of(1, 2, 3))
      .sum()
      .backward();
    overwrite();
    expect(kept.map((t) => t.toArray())).toEqual([
      [1, 2, 3],
      [2, 3, 4],
      [[1], [2], [3]],
    ]);
    expect(x.grad?.toArray()).toEqual([6, 12, 18]);
  });

  test('leaves a user the gradient he passed, those he asked for, and those collected', () => {
    const x = leaf(1, 2, 3);
    const middle = x.mul(2);
    const seed = of(1, 10, 100);
    const found = gradients(middle.square(), [middle, x], { gradient: seed, retainGraph: true });
    middle.backward(seed);
    const collected = x.grad as Tensor;
    x.grad = null;
    overwrite();
    expect([seed, collected, ...found].map((t) => t.toArray())).toEqual([
      [1, 10, 100],
      [2, 20, 200],
      [4, 80, 1200],
      [8, 160, 2400],
    ]);
  });

  test('leaves a user a .grad that a hook takes while backward is not done yet', () => {
    const w = leaf(1, 1, 1); // made first, so it gets its gradient last
    const x = leaf(1, 2, 3);
    const taken: (Tensor | null)[] = [];
    w.registerHook(() => {
      taken.push(x.grad);
      x.grad = null;
      return undefined;
    });
    x.mul(w).square().sum().backward();
    overwrite();
    expect(taken.map((t) => t?.toArray())).toEqual([[2, 4, 6]]);
  });

  test('frees a value of a scope that has ended only when nobody else has it', () => {
    const x = leaf(1, 2, 3);
    const w = leaf(2, 2, 2);
    inScope(() => w.square().sum().backward());
    const mine = w.grad as Tensor; // made in the scope; now a user's too
    const loss = x.mul(mine).sum();
    w.grad = null;
    loss.backward();
    overwrite();
    expect(mine.toArray()).toEqual([4, 4, 4]);
    expect(x.grad?.toArray()).toEqual([4, 4, 4]);
  });
});

test('what a kernel needs beside its result is freed at once', () => {
  const x = zeros([16, 16], { device });
  inScope(() => {
    const before = memory.liveBytes;
    const results = [x.transpose().softmax(), x.transpose().cumsum()];
    expect(memory.liveBytes - before).toBe(2 * 16 * 16 * 4);
    expect(results.map((t) => t.shape)).toEqual([
      [16, 16],
      [16, 16],
    ]);
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

test('what is made outside any scope does not fill the memory, also in a loop that never waits', () => {
  const kept = of(1, 2, 3);
  const column = of(1, 2, 3, 4).reshape([2, 2]).slice(1, 1, 2);
  const pending = kept.add(1);
  let most = 0;
  for (let i = 0; i < 200; i++) {
    const made = zeros([250_000], { device }).add(i);
    expect(made.slice(0, 0, 2).toArray()).toEqual([i, i]);
    most = Math.max(most, memory.liveBytes);
  }
  // Of 400 megabytes.
  expect(most).toBeLessThan(80_000_000);
  expect(kept.toArray()).toEqual([1, 2, 3]);
  expect(column.toArray()).toEqual([[2], [4]]);
  expect(pending.mul(2).toArray()).toEqual([4, 6, 8]);
});

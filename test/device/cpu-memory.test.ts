import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LinearBuffer } from '../../kernels/assembler/machine.ts';
import { blockSize, CpuMemory } from '../../src/device/cpu-memory.ts';
import { bytesPerElement, type DType } from '../../src/device/device.ts';

const someLength = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 30_000 }));

/** What to do next; `which` is the n-th of the blocks in use. */
const allocate = fc.record({
  do: fc.constant('allocate' as const),
  dtype: fc.constantFrom<DType>('float32', 'float64', 'int32', 'bool'),
  length: someLength,
  collected: fc.boolean(),
});
const scratch = fc.record({ do: fc.constant('scratch' as const), bytes: fc.nat(50_000) });
const other = fc.record({
  do: fc.constantFrom('release', 'leave', 'read', 'write', 'use'),
  which: fc.nat(),
});
const actions = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: allocate },
    { weight: 1, arbitrary: scratch },
    { weight: 4, arbitrary: other },
  ),
  { maxLength: 100, size: 'max' },
);

describe.each([false, true])('blocks of a memory, shared: %s', (shared) => {
  test('keep their numbers, wherever they are moved and whatever happens to others', () => {
    fc.assert(
      fc.property(actions, fc.constantFrom(0, 1000, 200_000, 1e9), (list, mostLooseBytes) => {
        const memory = new CpuMemory({ shared, mostLooseBytes });
        const live: { buffer: LinearBuffer; mark: number }[] = [];
        const holds = ({ buffer, mark }: (typeof live)[0], numbers = memory.read(buffer)): void => {
          expect(numbers.constructor).toBe(memory.array(buffer).constructor);
          expect(numbers.length).toBe(buffer.length);
          expect(numbers.every((x) => x === mark)).toBe(true);
        };
        list.forEach((action, i) => {
          const mark = 1 + (i % 100);
          if ('dtype' in action) {
            memory.makeRoom();
            const buffer = memory.allocate(action.dtype, action.length);
            memory.array(buffer).fill(mark);
            if (action.collected) memory.leaveToCollector(buffer);
            live.push({ buffer, mark });
            return;
          }
          if ('bytes' in action) {
            const at = memory.scratch(action.bytes);
            new Uint8Array(memory.memory.buffer, at, action.bytes).fill(255);
            return;
          }
          if (live.length === 0) return;
          const which = action.which % live.length;
          const block = live[which];
          switch (action.do) {
            case 'release':
              memory.release(block.buffer);
              live.splice(which, 1);
              break;
            case 'leave':
              memory.leaveToCollector(block.buffer);
              break;
            case 'read':
              holds(block);
              break;
            case 'write':
              memory.array(block.buffer).fill(mark);
              block.mark = mark;
              break;
            case 'use':
              expect(memory.addressOf(block.buffer) % 64).toBe(0);
              expect(memory.addressOf(block.buffer)).toBeGreaterThanOrEqual(64);
              holds(block, memory.array(block.buffer));
          }
        });
        for (const block of live) holds(block);
        // All of them at once in the memory, so that none may lie over another.
        for (const { buffer } of live) memory.addressOf(buffer);
        const scratch = memory.liveBytes - live.reduce((sum, { buffer }) => sum + sizeOf(buffer), 0);
        expect([0, blockSize(scratch)]).toContain(scratch);
        for (const block of live) holds(block, memory.array(block.buffer));
        for (const { buffer } of live) memory.release(buffer);
        expect(memory.liveBytes).toBe(scratch);
      }),
      { numRuns: shared ? 50 : 100 },
    );
  });

  test('are used again: the same requests a second time need no more memory', () => {
    fc.assert(
      fc.property(fc.array(someLength, { maxLength: 20 }), (lengths) => {
        const memory = new CpuMemory({ shared });
        const once = (): void => {
          for (const buffer of lengths.map((length) => memory.allocate('float32', length))) {
            memory.release(buffer);
          }
        };
        once();
        const bytes = memory.memory.buffer.byteLength;
        for (let i = 0; i < 10; i++) once();
        expect(memory.memory.buffer.byteLength).toBe(bytes);
      }),
      { numRuns: shared ? 20 : 100 },
    );
  });

  test('that are left to the collector do not pile up in the memory, used or not', () => {
    const memory = new CpuMemory({ shared, mostLooseBytes: 2 ** 20 });
    const kept = Array.from({ length: 10 }, (_, i) => {
      const buffer = memory.allocate('float32', 10_000);
      memory.leaveToCollector(buffer);
      memory.array(buffer).fill(i);
      return buffer;
    });
    const bytes: number[] = [];
    const last: LinearBuffer[] = [];
    for (let i = 0; i < 2000; i++) {
      memory.makeRoom();
      last.push(memory.allocate('float32', 10_000));
      memory.leaveToCollector(last[i]);
      memory.addressOf(kept[i % 10]);
      memory.addressOf(last[Math.max(0, i - 50)]); // and never again
      bytes.push(memory.liveBytes);
    }
    // What is in use, and twice as much, beside the million that may lie around.
    expect(Math.max(...bytes)).toBeLessThan(2 ** 20 + 3 * (10 + 50 + 2) * 40_960);
    expect(kept.map((buffer) => new Set(memory.read(buffer)))).toEqual(kept.map((_, i) => new Set([i])));
  });

  test('make room for blocks of other sizes before the memory grows', () => {
    const memory = new CpuMemory({ shared });
    // Always a little more than what has just been released.
    let length = 10_000;
    for (; length < 3_000_000; length = Math.floor(length * 1.19)) {
      memory.release(memory.allocate('float32', length));
    }
    expect(memory.memory.buffer.byteLength).toBeLessThan(2.5 * 4 * length);
    // Neighbours that were released one by one, and something in use at the end.
    const small = Array.from({ length: 64 }, () => memory.allocate('float32', 16_384));
    const kept = memory.allocate('float32', 16_384);
    for (const buffer of small) memory.release(buffer);
    const before = memory.memory.buffer.byteLength;
    for (const count of [900_000, 700_000, 500_000]) memory.release(memory.allocate('float32', count));
    expect(memory.memory.buffer.byteLength).toBe(before);
    memory.release(kept);
    expect(memory.liveBytes).toBe(0);
  });

  test('lend no more to temporaries than they need, once much has been idle', () => {
    const memory = new CpuMemory({ shared });
    memory.scratch(2 ** 27);
    memory.scratch(1000);
    expect(memory.liveBytes).toBeLessThan(2 ** 20);
    memory.scratch(2 ** 20);
    const { liveBytes } = memory;
    memory.scratch(1000);
    expect(memory.liveBytes).toBe(liveBytes);
  });

  test('cannot be released twice, nor read after their release, in the memory or out of it', () => {
    const memory = new CpuMemory({ shared, mostLooseBytes: 0 });
    for (const movedOut of [false, true]) {
      const buffer = memory.allocate('float32', 10);
      if (movedOut) {
        memory.leaveToCollector(buffer);
        memory.makeRoom();
      }
      const { liveBytes } = memory;
      memory.release(buffer);
      expect(liveBytes - memory.liveBytes).toBe(movedOut ? 0 : 64);
      expect(() => memory.release(buffer)).toThrow('released twice');
      expect(() => memory.addressOf(buffer)).toThrow('read after its release');
      expect(() => memory.read(buffer)).toThrow('read after its release');
    }
  });

  test('say so when the memory is full, and what is there stays of use', () => {
    const memory = new CpuMemory({ shared });
    const buffer = memory.allocate('int32', 3);
    memory.array(buffer).fill(7);
    memory.scratch(100);
    const { liveBytes } = memory;
    expect(() => memory.allocate('float32', 2 ** 31)).toThrow(
      /^cpu: out of memory: \d+ bytes do not fit beside \d+ in use, .*; use smaller batches, a shorter context or a smaller model$/,
    );
    expect(memory.liveBytes).toBe(liveBytes);
    expect(() => memory.scratch(2 ** 33)).toThrow('out of memory');
    expect(memory.scratch(100)).toBeGreaterThan(0);
    expect([...memory.read(buffer)]).toEqual([7, 7, 7]);
  });

  test('are where the whole memory, seen as integers, has them, also when it has grown', () => {
    const memory = new CpuMemory({ shared });
    const buffer = memory.allocate('int32', 4);
    for (let i = 0; i < 3; i++) {
      memory.ints()[memory.addressOf(buffer) / 4 + i] = i + 1;
      memory.allocate('float32', 300_000);
    }
    expect([...memory.array(buffer)].slice(0, 3)).toEqual([1, 2, 3]);
    expect(memory.ints().byteLength).toBe(memory.memory.buffer.byteLength);
    expect(memory.ints()[memory.addressOf(buffer) / 4 + 2]).toBe(3);
  });
});

test('a block is as large as asked, fills whole cache lines, and wastes at most a fifth of itself', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 0, max: 2 ** 32 }), fc.integer({ min: 0, max: 5000 })),
      (bytes) => {
        const size = blockSize(bytes);
        expect(size).toBeGreaterThanOrEqual(bytes);
        expect(size % 64).toBe(0);
        expect(size - bytes).toBeLessThanOrEqual(bytes <= 256 ? 64 : size / 5);
        expect(blockSize(size)).toBe(size);
      },
    ),
  );
});

function sizeOf({ dtype, length }: LinearBuffer): number {
  return blockSize(length * bytesPerElement[dtype]);
}

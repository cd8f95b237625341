import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LinearBuffer } from '../../kernels/assembler/linear-memory.ts';
import { bytesPerElement, type DType } from '../../src/device/device.ts';
import { blockSize, WasmMemory } from '../../src/device/wasm-memory.ts';

/** What to do next: make a block of this many elements, or release the n-th of those in use. */
const actions = fc.array(
  fc.oneof(
    fc.record({
      dtype: fc.constantFrom<DType>('float32', 'int32', 'bool'),
      length: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 60_000 })),
    }),
    fc.record({ release: fc.nat() }),
  ),
  { maxLength: 60 },
);

describe('blocks of a WebAssembly memory', () => {
  test('are as large as asked, aligned, and waste at most a quarter of the request', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (bytes) => {
        const size = blockSize(bytes);
        expect(size).toBeGreaterThanOrEqual(bytes);
        expect(size).toBeLessThanOrEqual(Math.max(64, 1.25 * bytes));
        expect(size % 16).toBe(0);
        expect(blockSize(size)).toBe(size);
      }),
    );
  });

  test('keep their numbers and never overlap, whatever is allocated and released around them', () => {
    fc.assert(
      fc.property(actions, (list) => {
        const memory = new WasmMemory();
        const live: { buffer: LinearBuffer; mark: number }[] = [];
        list.forEach((action, i) => {
          if ('release' in action) {
            if (live.length === 0) return;
            const [{ buffer }] = live.splice(action.release % live.length, 1);
            memory.release(buffer);
          } else {
            const buffer = memory.allocate(action.dtype, action.length);
            const mark = 1 + (i % 100);
            memory.array(buffer).fill(mark);
            live.push({ buffer, mark });
          }
        });
        for (const { buffer, mark } of live) {
          expect(memory.array(buffer).length).toBe(buffer.length);
          expect(memory.array(buffer).every((x) => x === mark)).toBe(true);
        }
        const sizes = live.map(({ buffer }) => blockSize(buffer.length * bytesPerElement[buffer.dtype]));
        expect(memory.liveBytes).toBe(sizes.reduce((a, b) => a + b, 0));
        for (const { buffer } of live) memory.release(buffer);
        expect(memory.liveBytes).toBe(0);
      }),
    );
  });

  test('are used again: the same requests a second time need no more memory', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 20 }), (lengths) => {
        const memory = new WasmMemory();
        const once = (): void => {
          for (const buffer of lengths.map((length) => memory.allocate('float32', length))) {
            memory.release(buffer);
          }
        };
        once();
        const offset = memory.allocate('bool', 1).offset;
        const pages = memory.memory.buffer.byteLength;
        once();
        expect(memory.memory.buffer.byteLength).toBe(pages);
        expect(offset).toBeLessThan(pages);
      }),
    );
  });

  test('cannot be released twice', () => {
    const memory = new WasmMemory();
    const buffer = memory.allocate('float32', 10);
    memory.release(buffer);
    expect(() => memory.release(buffer)).toThrow('released twice');
  });

  test('say so when the memory is full', () => {
    const memory = new WasmMemory();
    expect(() => memory.allocate('float32', 2 ** 31)).toThrow(/wasm: out of memory: \d+ bytes/);
    expect(memory.liveBytes).toBe(0);
  });
});

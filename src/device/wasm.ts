/**
 * The WebAssembly device: all numbers in one memory, kernels emitted at start-up. Kernels that are not written yet are
 * the reference's own, run in place over arrays onto the memory.
 */
import type { LinearBuffer } from '../../kernels/assembler/linear-memory.ts';
import { encodeModule } from '../../kernels/assembler/module.ts';
import { webAssembly } from '../../kernels/assembler/webassembly.ts';
import type { Kernels, TypedArray } from '../../kernels/contract.ts';
import { simdMatmul, tileFunction } from '../../kernels/matmul/simd.ts';
import { simdPointwise } from '../../kernels/pointwise/simd.ts';
import { borrowedKernels } from './borrowed.ts';
import type { Buffer, Device } from './device.ts';
import { WasmMemory } from './wasm-memory.ts';

/** @throws Error where WebAssembly or its SIMD instructions are missing. */
export async function startWasm(): Promise<Device> {
  if (!webAssembly?.validate(encodeModule([tileFunction()]))) {
    throw new Error(
      'WebAssembly with SIMD is not available here; it takes Node 16.4 or a browser from 2023 on',
    );
  }
  return wasmDevice(new WasmMemory());
}

export function wasmDevice(memory: WasmMemory): Device {
  const borrowed = borrowedKernels<LinearBuffer>({
    read: (buffer) => memory.array(buffer),
    write: () => {}, // the kernel has written in place
  });
  const kernels: Kernels<LinearBuffer> = {
    ...borrowed,
    matmul: simdMatmul(memory),
    pointwise: simdPointwise(memory, borrowed.pointwise),
  };
  const read = (buffer: Buffer): TypedArray => memory.array(buffer as LinearBuffer).slice();
  return {
    name: 'wasm',
    description: 'matmul and arithmetic in WebAssembly SIMD, one thread; other kernels in plain JavaScript',
    kernels: kernels as Kernels<Buffer>,
    dtypes: ['float32', 'int32', 'bool'],
    allocate: (dtype, length) => memory.allocate(dtype, length),
    upload: (dtype, data) => {
      const buffer = memory.allocate(dtype, data.length);
      memory.array(buffer).set(data as Float32Array);
      return buffer;
    },
    readSync: read,
    read: async (buffer) => read(buffer),
    release: (buffer) => memory.release(buffer as LinearBuffer),
    synchronize: async () => {},
  };
}

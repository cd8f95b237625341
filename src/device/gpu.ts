/**
 * The gpu.js device: kernels are text, results are new textures (arrays where gpu.js runs without a GPU). A buffer is
 * therefore a cell whose contents a kernel replaces. Kernels that are not written yet are borrowed by reading back.
 */
import type { Kernels, TypedArray, View } from '../../kernels/contract.ts';
import { gpuMatmul } from '../../kernels/matmul/gpu.ts';
import { gpuPointwise } from '../../kernels/pointwise/gpu.ts';
import { type GpuSource, MAX_GPU_ELEMENTS } from '../../kernels/pointwise/gpu-index.ts';
import { gpuSum } from '../../kernels/reduce/gpu.ts';
import { borrowedKernels } from './borrowed.ts';
import { type Buffer, type Device, type DType, typedArray } from './device.ts';
import { type GpuArray, type GpuJsMode, GpuRunner, loadGpuJs, type Texture } from './gpujs.ts';

/** Types other than float32 always stay in host arrays: GPU languages have no others that all backends share. */
interface Cell {
  readonly dtype: DType;
  readonly length: number;
  /** Null until something is written. */
  contents: TypedArray | Texture | null;
}

/** @throws Error: this stage has kernels for gpu.js, but has not been tried on WebGL. */
export async function startGpu(): Promise<Device> {
  const { GPU } = await loadGpuJs();
  throw new Error(
    GPU.isGPUSupported
      ? 'WebGL is here, but the kernels have not been proven on it yet'
      : "no WebGL here; useDevice('gpujs-webasm') runs the same kernels on the processor, for tests",
  );
}

/** @throws Error where gpu.js is not installed. */
export async function startGpuJs(mode: GpuJsMode): Promise<Device> {
  return gpuDevice(mode, new GpuRunner(await loadGpuJs(), mode));
}

export function gpuDevice(mode: GpuJsMode, runner: GpuRunner): Device {
  const borrowed = borrowedKernels<Cell>({ read: hostArray, write });
  const run = (kernel: GpuSource, inputs: readonly View<Cell>[], numbers: readonly number[], out: Cell) => {
    const arrays = inputs.map(({ buffer }) => (buffer.contents ?? hostArray(buffer)) as GpuArray);
    write(out, runner.run(kernel, [...arrays, ...numbers]));
  };
  const kernels: Kernels<Cell> = {
    ...borrowed,
    pointwise: (program, inputs, parameters, out) => {
      const kernel = fits([...inputs, out]) ? gpuPointwise(program, inputs, out) : null;
      if (kernel) run(kernel, inputs, parameters, out.buffer);
      else borrowed.pointwise(program, inputs, parameters, out);
    },
    matmul: (a, b, bias, out) => {
      const inputs = bias ? [a, b, bias] : [a, b];
      if (fits([...inputs, out])) run(gpuMatmul(a, b, bias, out), inputs, [], out.buffer);
      else borrowed.matmul(a, b, bias, out);
    },
    reduce: (kind, x, axes, out) => {
      if (kind === 'sum' && fits([x, out])) run(gpuSum(x, axes, out), [x], [], out.buffer);
      else borrowed.reduce(kind, x, axes, out);
    },
  };
  const read = (buffer: Buffer): TypedArray => hostArray(buffer as Cell).slice();
  return {
    name: `gpujs-${mode}`,
    description: `gpu.js in ${mode} mode: the GPU kernels on the processor, for tests; this is no GPU`,
    kernels: kernels as Kernels<Buffer>,
    dtypes: ['float32', 'int32', 'bool'],
    allocate: (dtype, length): Cell => ({ dtype, length, contents: null }),
    upload: (dtype, data): Cell => ({ dtype, length: data.length, contents: data.slice() }),
    readSync: read,
    read: async (buffer) => read(buffer),
    release: (buffer) => write(buffer as Cell, null),
    synchronize: async () => {},
  };
}

/** Whether gpu.js can take these views: float32, not empty, and indexed exactly. */
function fits(views: readonly View<Cell>[]): boolean {
  return views.every(
    ({ dtype, buffer: { length } }) => dtype === 'float32' && length > 0 && length <= MAX_GPU_ELEMENTS,
  );
}

function isTexture(contents: Cell['contents']): contents is Texture {
  return contents !== null && 'toArray' in contents;
}

function hostArray({ contents, dtype, length }: Cell): TypedArray {
  if (isTexture(contents)) return contents.toArray();
  return contents ?? typedArray(dtype, length);
}

function write(cell: Cell, contents: Cell['contents']): void {
  if (isTexture(cell.contents) && cell.contents !== contents) cell.contents.delete();
  cell.contents = contents;
}

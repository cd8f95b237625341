/** gpu.js, loaded when a device asks for it: the one file that knows the package. */
import type { GpuSource } from '../../kernels/pointwise/gpu-index.ts';

/** A result that stays on the GPU. */
export interface Texture {
  toArray(): Float32Array;
  delete(): void;
}

/** Numbers as gpu.js takes and gives them; without a GPU it gives arrays. */
export type GpuArray = Float32Array | Texture;

/** Backends of gpu.js that run on the processor; for kernels to be tested with. */
export type GpuJsMode = 'webasm' | 'cpu';

interface GpuKernel {
  (...args: (GpuArray | number)[]): GpuArray;
  destroy(): void;
}

/** The part of gpu.js that is used here. */
interface GpuJs {
  readonly GPU: {
    new (settings: { mode: GpuJsMode }): { createKernel(source: string, settings: object): GpuKernel };
    readonly isGPUSupported: boolean;
  };
}

/** @throws Error with the line that installs it, where gpu.js is missing. */
export async function loadGpuJs(): Promise<GpuJs> {
  let module: unknown;
  try {
    module = await import('gpu.js');
  } catch {
    throw new Error("gpu.js is not installed: npm install 'gpu.js@~2.24.1'");
  }
  // A CommonJS module: depending on the bundler its exports stand in `default` or beside it.
  const { default: inner } = module as { default?: GpuJs };
  return inner ?? (module as GpuJs);
}

/** Compiled kernels of one gpu.js instance; those not used for longest make room for new ones. */
export class GpuRunner {
  readonly #gpu: { createKernel(source: string, settings: object): GpuKernel };
  readonly #capacity: number;
  readonly #kernels = new Map<string, GpuKernel>();

  constructor({ GPU }: GpuJs, mode: GpuJsMode, capacity = 256) {
    this.#gpu = new GPU({ mode });
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#kernels.size;
  }

  /** Runs a kernel over arrays of any length and numbers. */
  run({ source, length }: GpuSource, args: readonly (GpuArray | number)[]): GpuArray {
    // gpu.js adapts a kernel to the kinds and lengths of its first arguments, and misreads others without a word.
    const kinds = args.map((arg) =>
      typeof arg === 'number' ? 'n' : arg instanceof Float32Array ? arg.length : 't',
    );
    const key = `${length}|${kinds.join()}|${source}`;
    const kernel = this.#kernels.get(key) ?? this.#compile(source, length, args);
    this.#kernels.delete(key);
    this.#kernels.set(key, kernel);
    return kernel(...args);
  }

  #compile(source: string, length: number, args: readonly (GpuArray | number)[]): GpuKernel {
    const oldest = this.#kernels.entries().next().value;
    if (oldest && this.#kernels.size >= this.#capacity) {
      this.#kernels.delete(oldest[0]);
      oldest[1].destroy();
    }
    return this.#gpu.createKernel(source, {
      output: [length],
      argumentTypes: args.map((arg) => (typeof arg === 'number' ? 'Float' : 'Array')),
      pipeline: true,
      immutable: true,
      precision: 'single',
      loopMaxIterations: 1 << 24, // by default gpu.js ends a loop whose bound it cannot see after 1000, in silence
    });
  }
}

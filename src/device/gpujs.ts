/**
 * gpu.js, loaded when a device asks for it: the one file that knows the package. It finds a GL context
 * wherever there may be one, compiles kernels and runs them; which textures they read and write is decided
 * here, so that every texture is made once and used again, where gpu.js would make one for every result. That
 * reaches behind its published interface, which is why the version is fixed, and why nothing runs before a
 * kernel has been seen to compute.
 */
import type { GpuSource } from '../../kernels/glsl/kernel.ts';
import { ROW_TEXELS, wholeSource } from '../../kernels/glsl/prelude.ts';
import { DeviceLost, OutOfMemory } from './device.ts';

/** Backends of gpu.js that run on a GPU, or on something that takes its part in software. */
export type GlMode = 'headlessgl' | 'webgl2' | 'webgl';

interface GlExtension {
  readonly [constant: string]: unknown;
  loseContext?(): void;
  destroy?(): void;
}

/** What is used here of a WebGL context. */
interface Gl {
  readonly [constant: string]: unknown;
  getParameter(name: number): unknown;
  getExtension(name: string): GlExtension | null;
  getError(): number;
  isContextLost(): boolean;
  createTexture(): object | null;
  deleteTexture(texture: object): void;
  activeTexture(unit: number): void;
  bindTexture(target: number, texture: object | null): void;
  texParameteri(target: number, name: number, value: number): void;
  texImage2D(...args: unknown[]): void;
  texSubImage2D(...args: unknown[]): void;
  createFramebuffer(): object | null;
  deleteFramebuffer(framebuffer: object): void;
  bindFramebuffer(target: number, framebuffer: object | null): void;
  framebufferTexture2D(...args: unknown[]): void;
  readPixels(...args: unknown[]): void;
  viewport(x: number, y: number, width: number, height: number): void;
  finish(): void;
}

/** A kernel of gpu.js, as far as it is used here. */
interface GpuJsKernel {
  readonly context: Gl;
  readonly built: boolean;
  readonly fallbackRequested: boolean;
  getInternalFormat(): number;
  build(...args: unknown[]): void;
  run(...args: unknown[]): void;
  destroy(): void;
  buffer: unknown;
  framebuffer: unknown;
  texture: unknown;
  texSize: Int32Array;
  maxTexSize: Int32Array;
  _textureSwitched: boolean;
}

interface GpuJsInstance {
  createKernel(source: string, settings: object): { kernel: GpuJsKernel };
}

type KernelClass = { readonly isSupported: boolean };

/** What the package exports. */
export interface GpuJs {
  readonly GPU: new (settings: { mode: GlMode }) => GpuJsInstance;
  readonly HeadlessGLKernel: KernelClass;
  readonly WebGL2Kernel: KernelClass;
  readonly WebGLKernel: KernelClass;
}

const kernelClasses = {
  headlessgl: 'HeadlessGLKernel',
  webgl2: 'WebGL2Kernel',
  webgl: 'WebGLKernel',
} as const;

/** @throws Error with the line that installs it, where gpu.js is missing. */
export async function loadGpuJs(): Promise<GpuJs> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'GPU');
  let module: unknown;
  try {
    module = await import('gpu.js');
  } catch {
    throw new Error("gpu.js is not installed: npm install 'gpu.js@~2.24.1'");
  } finally {
    // Its bundle for pages takes the name of an interface of WebGPU.
    if (before) Object.defineProperty(globalThis, 'GPU', before);
  }
  // A CommonJS module: depending on the bundler its exports stand in `default` or beside it.
  const { default: inner } = module as { default?: GpuJs };
  return inner ?? (module as GpuJs);
}

/**
 * A texture of four floats a texel, of fixed size, in the form in which gpu.js takes arguments and writes
 * results.
 */
export class Texture {
  readonly type = 'ArrayTexture(4)';
  readonly texture: object;
  readonly size: Int32Array;
  readonly dimensions: readonly number[];
  readonly output: readonly number[];
  readonly context: unknown;

  constructor(context: unknown, texture: object, width: number, height: number) {
    this.context = context;
    this.texture = texture;
    this.size = Int32Array.of(width, height);
    this.dimensions = [width, height, 1];
    this.output = [width, height];
  }

  get width(): number {
    return this.size[0];
  }

  get height(): number {
    return this.size[1];
  }

  /** What it takes up: a page at least. */
  get bytes(): number {
    return Math.max(4096, 16 * this.width * this.height);
  }

  /** gpu.js asks before it writes; nobody else holds on to what stands here. */
  beforeMutate(): boolean {
    return false;
  }
}

/** A compiled kernel, or one that its first run compiles. */
export interface GlProgram {
  readonly kernel: GpuJsKernel;
  /** How much of its output it computes. */
  readonly texSize: Int32Array;
}

/** Rows of a texture that hold so many texels. */
export function textureRows(texels: number): number {
  return Math.max(1, Math.ceil(texels / ROW_TEXELS));
}

const ERRORS = [
  'INVALID_ENUM',
  'INVALID_VALUE',
  'INVALID_OPERATION',
  'INVALID_FRAMEBUFFER_OPERATION',
  'OUT_OF_MEMORY',
  'CONTEXT_LOST_WEBGL',
];

/** A GL context, and what can be done with it. */
export class GlContext {
  readonly mode: GlMode;
  /** What draws, in its own words. */
  readonly renderer: string;
  /** Rows that a texture may have at most. */
  readonly mostRows: number;
  readonly #gpu: GpuJsInstance;
  readonly #gl: Gl & Record<string, number>;
  readonly #internalFormat: number;
  /**
   * What is drawn into and read from. Kernels share one: a texture that one of them was the last to draw into
   * would stay in memory as long as that kernel's own.
   */
  readonly #framebuffer: object | null;
  /**
   * The rectangle that every kernel draws: whichever was compiled last determines where corners are read
   * from.
   */
  #corners: unknown = null;
  #viewport = '';
  /** headless-gl does not know that a context can be lost. */
  #isLost = false;

  private constructor(mode: GlMode, gpu: GpuJsInstance, probe: GpuJsKernel) {
    const gl = probe.context as Gl & Record<string, number>;
    this.mode = mode;
    this.#gpu = gpu;
    this.#gl = gl;
    this.renderer = rendererOf(gl);
    // gpu.js asks for these when it first builds a kernel; the first textures are made before. In WebGL 1 not all that
    // can draw into float textures has the second: the first run tells.
    const [needed, ...others] =
      mode === 'webgl2' ? ['EXT_color_buffer_float'] : ['OES_texture_float', 'WEBGL_color_buffer_float'];
    if (!gl.getExtension(needed))
      throw new Error(`${this.renderer} has no float textures (${needed}) in ${mode}`);
    for (const name of others) gl.getExtension(name);
    this.#internalFormat = probe.getInternalFormat();
    this.#framebuffer = gl.createFramebuffer();
    this.mostRows = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    if (this.mostRows < ROW_TEXELS)
      throw new Error(`textures of ${this.mostRows} texels are all that ${mode} has`);
  }

  /**
   * A context of this kind, which has been seen to compute. That the kernels really are of this kind is told
   * by their class: gpu.js falls back without a word.
   *
   * @throws Error that says what is missing
   */
  static open(library: GpuJs, mode: GlMode): GlContext {
    const kind = library[kernelClasses[mode]];
    if (!kind?.isSupported) throw new Error(missing(mode));
    const gpu = new library.GPU({ mode });
    const program = compile(gpu, { textures: ['x'], numbers: ['factor'], code: SELF_TEST });
    if ((program.kernel.constructor as unknown) !== kind) {
      throw new Error(`gpu.js gave other kernels than ${mode} ones`);
    }
    const context = new GlContext(mode, gpu, program.kernel);
    // Several rows: a driver that loses count of them has been met, and computes single rows well.
    const rows = 5;
    const texels = rows * ROW_TEXELS;
    const given = Float32Array.from({ length: 4 * texels }, (_, i) => (i % 1021) / 8 - 64);
    const expected = given.map((value, i) => value * 3 + Math.floor(i / 4));
    const [x, y] = [context.createTexture(ROW_TEXELS, rows), context.createTexture(ROW_TEXELS, rows)];
    context.upload(x, given);
    context.run(program, [x], [3], y, texels);
    const found = context.read(y, texels);
    const wrong = expected.findIndex((value, i) => found[i] !== value);
    if (wrong >= 0) {
      const what = `${found[wrong]} in place of ${expected[wrong]} (element ${wrong})`;
      throw new Error(`${mode} on ${context.renderer} computes ${what}`);
    }
    context.deleteTexture(x);
    context.deleteTexture(y);
    return context;
  }

  /** Whether the system has taken the GPU away: nothing that stood there is left. */
  get isLost(): boolean {
    return this.#isLost || this.#gl.isContextLost();
  }

  compile(source: GpuSource): GlProgram {
    return compile(this.#gpu, source);
  }

  /** Frees a kernel, but nothing of what it shares. */
  destroy({ kernel }: GlProgram): void {
    kernel.texture = null;
    kernel.framebuffer = null;
    kernel.buffer = null;
    kernel.destroy();
  }

  /** Runs a kernel for the first `texels` texels of `out`; `numbers` are those of its source. */
  run(
    { kernel, texSize }: GlProgram,
    inputs: readonly Texture[],
    numbers: readonly number[],
    out: Texture,
    texels: number,
  ): void {
    this.#requireThere();
    const args: unknown[] = [...inputs];
    for (const { width, height } of inputs) args.push(1 / width, 1 / height);
    const [width, height] = [out.width, Math.min(out.height, textureRows(texels))];
    args.push(width, height, texels, ...numbers);
    kernel.texture = out;
    if (!kernel.built) this.#build(kernel, args);
    texSize[0] = width;
    texSize[1] = height;
    kernel.texSize = texSize;
    kernel.maxTexSize = texSize; // its vertices span the share of this that is wanted: all
    kernel._textureSwitched = true;
    if (this.#viewport !== `${width} ${height}`) {
      this.#gl.viewport(0, 0, width, height);
      this.#viewport = `${width} ${height}`;
    }
    kernel.run(...args);
  }

  #build(kernel: GpuJsKernel, args: readonly unknown[]): void {
    this.#viewport = ''; // it sets its own
    kernel.buffer = this.#corners;
    kernel.build(...args);
    if (kernel.fallbackRequested) throw new Error('gpu.js wants to run this kernel on the processor');
    this.#corners = kernel.buffer;
    this.#gl.deleteFramebuffer(kernel.framebuffer as object);
    kernel.framebuffer = this.#framebuffer;
  }

  /** @throws OutOfMemory where there is no room for it */
  createTexture(width: number, height: number): Texture {
    this.#requireThere();
    const gl = this.#gl;
    const texture = gl.createTexture();
    if (!texture) throw new DeviceLost(this.#whyLost());
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    const format = this.#internalFormat;
    gl.texImage2D(gl.TEXTURE_2D, 0, format, width, height, 0, gl.RGBA, gl.FLOAT, null);
    try {
      this.requireHealth();
    } catch (error) {
      gl.deleteTexture(texture);
      throw error;
    }
    return new Texture(gl, texture, width, height);
  }

  deleteTexture({ texture }: Texture): void {
    if (!this.isLost) this.#gl.deleteTexture(texture);
  }

  /** Fills the first texels of a texture; `numbers` fill whole rows of it. */
  upload(texture: Texture, numbers: Float32Array): void {
    this.#requireThere();
    const gl = this.#gl;
    const rows = numbers.length / 4 / texture.width;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, texture.width, rows, gl.RGBA, gl.FLOAT, numbers);
  }

  /**
   * The first texels of a texture, and what follows them in their last row. Waits for all that was launched.
   *
   * @throws Error where any of it has gone wrong
   */
  read(texture: Texture, texels: number): Float32Array {
    this.#requireThere();
    const gl = this.#gl;
    const rows = Math.min(texture.height, textureRows(texels));
    const numbers = new Float32Array(4 * texture.width * rows);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture.texture, 0);
    gl.readPixels(0, 0, texture.width, rows, gl.RGBA, gl.FLOAT, numbers);
    this.requireHealth();
    return numbers;
  }

  /** @throws DeviceLost, OutOfMemory or Error for what has gone wrong since this was last asked */
  requireHealth(): void {
    this.#requireThere();
    const error = this.#error();
    if (error === null) return;
    if (error === 'CONTEXT_LOST_WEBGL') throw new DeviceLost(this.#whyLost());
    if (error === 'OUT_OF_MEMORY') {
      throw new OutOfMemory('gpu: out of memory; use smaller batches, a shorter context or a smaller model');
    }
    throw new Error(`gpu: WebGL reports ${error} (a bug in hopgrad, or in the driver of ${this.renderer})`);
  }

  /**
   * The first thing that went wrong since this was last asked, in GL's word for it; null where nothing did.
   */
  #error(): string | null {
    const code = this.#gl.getError();
    if (code === 0) return null;
    for (const _ of ERRORS) if (this.#gl.getError() === 0) break; // each kind waits to be asked for
    return ERRORS.find((name) => this.#gl[name] === code) ?? `error ${code}`;
  }

  #requireThere(): void {
    if (this.isLost) throw new DeviceLost(this.#whyLost());
  }

  #whyLost(): string {
    return `gpu: the system has taken ${this.renderer} away, with all that stood on it; await useDevice('gpu') starts it again`;
  }

  /** Waits until all that was launched is done. */
  finish(): void {
    if (!this.isLost) this.#gl.finish();
  }

  /** Takes the GPU away from this context, as the system does when it must: for tests. */
  lose(): void {
    if (this.isLost) return;
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext?.();
    this.#gl.getExtension('STACKGL_destroy_context')?.destroy?.();
    this.#isLost = true;
  }
}

/**
 * What draws, as the driver calls it. headless-gl answers with a word of its own, and the driver only at the
 * end of its chain of classes.
 */
function rendererOf(gl: Gl): string {
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  let innermost = gl;
  for (let at: Gl | null = gl; at; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, 'getParameter')) innermost = at;
  }
  return String(innermost.getParameter.call(gl, (names?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) as number));
}

const SELF_TEST = 'vec4 texel(float t) { return x_texel(t) * n_factor + t; }';

function compile(gpu: GpuJsInstance, { textures, numbers, code }: GpuSource): GlProgram {
  const sizes = textures.flatMap((name) => [`${name}Width`, `${name}Height`]);
  const scalars = [...sizes, 'texelColumns', 'texelRows', 'texelCount', ...numbers];
  const { kernel } = gpu.createKernel(
    `function (${[...textures, ...scalars].join(', ')}) { return computeTexel(); }`,
    {
      output: [1, 2],
      pipeline: true,
      immutable: false,
      precision: 'single',
      tactic: 'precision',
      returnType: 'Array(4)',
      argumentTypes: [...textures.map(() => 'ArrayTexture(4)'), ...scalars.map(() => 'Float')],
      nativeFunctions: [
        {
          name: 'computeTexel',
          source: wholeSource(textures, numbers, code),
          returnType: 'Array(4)',
          argumentTypes: {},
        },
      ],
    },
  );
  return { kernel, texSize: new Int32Array(2) };
}

function missing(mode: GlMode): string {
  if (mode !== 'headlessgl') return `no ${mode === 'webgl2' ? 'WebGL 2' : 'WebGL 1'} here`;
  const { platform, env } = globalThis.process ?? { platform: '', env: {} };
  if (platform === 'linux' && !env.DISPLAY) {
    return 'headless-gl needs a display, and there is none: start it with xvfb-run -a in front';
  }
  const display =
    platform === 'linux' ? `the display ${env.DISPLAY} cannot be opened (try xvfb-run -a), ` : '';
  return `headless-gl gives no context here: ${display}the package gl is missing or was not compiled, or there is no OpenGL driver`;
}

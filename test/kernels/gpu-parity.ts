/**
 * GPU kernels against the float64 reference, on the GPU of this process or page:
 *
 *     onGpu('softmax', (gpu) => {
 *       test('of rows', () => { gpu.expectParity('softmax', [x, false, out], { relative: 2e-6 }); });
 *     });
 *
 * Arguments are those of the contract, their views over typed arrays: `viewOf` and `resultOf` of views.ts make such.
 */
import { beforeAll, describe } from 'vitest';
import type { Kernels, TypedArray, View } from '../../kernels/contract.ts';
import type { GpuBuffer } from '../../kernels/glsl/kernel.ts';
import { gpuKernels } from '../../kernels/gpu.ts';
import type { HostView } from '../../kernels/strides.ts';
import { hostKernels } from '../../src/device/gpu.ts';
import { GlMachine } from '../../src/device/gpu-machine.ts';
import { GlContext, loadGpuJs } from '../../src/device/gpujs.ts';
import { gpuHere } from '../gpu-here.ts';
import { type ExpectParity, inFloat64, isNear, mapViews, slackAt } from './parity.ts';

export interface Gpu {
  readonly machine: GlMachine;
  /** The dialect; what it leaves to the host throws. */
  readonly kernels: Kernels<GpuBuffer>;
  /**
   * Expects a kernel's results to be the float64 reference's within a bound. What beside them is uploaded must come back
   * unchanged.
   *
   * @returns the results, an array each
   */
  readonly expectParity: ExpectParity;
  /** Runs a kernel that may leave its work to the host. @returns the results, an array each */
  run(name: keyof Kernels<unknown>, args: readonly unknown[], results: readonly HostView[]): TypedArray[];
}

/** Tests that need a GPU: left out where there is none, which the last line of the test run says. */
export function onGpu(name: string, tests: (gpu: Gpu) => void): void {
  describe.skipIf(!gpuHere.available)(`${name} on the GPU`, () => {
    let opened: Gpu;
    beforeAll(async () => {
      opened = openGpu(await GlContext.open(await loadGpuJs(), gpuHere.mode));
    });
    tests({
      get machine() {
        return opened.machine;
      },
      get kernels() {
        return opened.kernels;
      },
      expectParity: (...args) => opened.expectParity(...args),
      run: (...args) => opened.run(...args),
    });
  });
}

const nobody = new Proxy({} as Kernels<GpuBuffer>, {
  ownKeys: () => [],
  get: (_, name) => () => {
    throw new Error(`${String(name)} was left to the host`);
  },
});

export function openGpu(context: GlContext): Gpu {
  const machine = new GlMachine(context);
  const kernels = gpuKernels(machine, nobody);
  const free = gpuKernels(machine, hostKernels(machine));
  const run = (
    dialect: Kernels<GpuBuffer>,
    name: keyof Kernels<unknown>,
    args: readonly unknown[],
    results: readonly HostView[],
  ): TypedArray[] => {
    const kernel = dialect[name] as ((...args: unknown[]) => void) | undefined;
    if (!kernel) throw new Error(`the dialect has no ${name}`);
    const placed = new Map<HostView, GpuBuffer>();
    try {
      const uploaded = args.map((arg) =>
        mapViews(arg, (view): View<GpuBuffer> => {
          const buffer = placed.get(view) ?? machine.over(view.dtype, view.buffer.slice());
          placed.set(view, buffer);
          // As with tensors, which are views too, the buffer is not the object's own: `{ ...view }` loses it.
          const { shape, strides, offset, dtype } = view;
          return Object.assign(Object.create({ buffer, dtype }), { shape, strides, offset });
        }),
      );
      kernel(...uploaded);
      for (const [view, buffer] of placed) {
        if (!results.includes(view)) requireSame(name, view.buffer, machine.host(buffer));
      }
      return results.map((result) => machine.host(placed.get(result) as GpuBuffer).slice());
    } finally {
      for (const buffer of placed.values()) machine.release(buffer);
    }
  };
  return {
    machine,
    kernels,
    run: (name, args, results) => run(free, name, args, results),
    expectParity: (name, args, bound) => {
      const results = bound.results ?? [args[args.length - 1] as HostView];
      const expected = inFloat64(name, args, results);
      const found = run(kernels, name, args, results);
      results.forEach((result, r) => {
        expected[r].forEach((value, place) => {
          const got = found[r][place];
          const slack = slackAt(bound, value, place, result);
          if (isNear(got, value, slack, result.dtype)) return;
          throw new Error(
            `${name}: result ${r}, place ${place}: ${got} in place of ${value}, ` +
              `off by ${Math.abs(got - value)} > ${slack}`,
          );
        });
      });
      return found;
    },
  };
}

function requireSame(name: string, given: TypedArray, found: TypedArray): void {
  const at = given.findIndex((value, i) => !Object.is(value, found[i]) && !(value === 0 && found[i] === 0));
  if (at >= 0)
    throw new Error(`${name} changed an input: element ${at} was ${given[at]} and is ${found[at]}`);
}

/**
 * Layer normalisation in WebAssembly, float32. Sums run in float64, and the mean is subtracted as a sum of two float32:
 * at the distance of 10⁴ from 0, a mean of one float32 would be off by a thousandth.
 *
 * Errors, in units of 2⁻²⁴: of the result 8 |x̂ weight| + 2 |bias|; of dx 10 rstd · (|h| + mean |h| + |x̂| mean |h x̂|);
 * of dWeight 10 Σ |g x̂| and of dBias 4 Σ |g|, however many rows there are. To |x̂| comes what the mean may be off by,
 * 2⁻⁴⁷ of it.
 */
import { f32, f32x4 } from '../assembler/instructions.ts';
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import type { KernelFunction, ModuleBuilder } from '../assembler/module.ts';
import { eachRow, eachVector, load, masked, startSum, store } from '../assembler/vectors.ts';
import type { Kernels } from '../contract.ts';
import { sizeOf } from '../strides.ts';
import { COLUMNS, emitBackward, emitTotal, GROUP, roomFor } from './simd-backward.ts';
import { addSquares, countOf, deviations, meanOf, rstdOf } from './simd-statistics.ts';

type LayerNormKernels = Pick<Kernels<LinearBuffer>, 'layerNorm' | 'layerNormBackward'>;

/** What an element costs, in additions. */
const [FORWARD, BACKWARD, TOTAL] = [5, 10, 2];
/** Fewer rows than this a part would make a work of their own of adding up the parts. */
const LEAST_ROWS = 32;

/** @param otherwise for other types than float32 */
export function simdLayerNorm(machine: Machine, otherwise: LayerNormKernels): LayerNormKernels {
  const emitted = lazily(() =>
    machine.module((module) => ({
      forward: emitForward(module),
      backward: emitBackward(module),
      total: emitTotal(module),
    })),
  );
  return {
    layerNorm: (x, weight, bias, epsilon, out) => {
      if (x.dtype !== 'float32') return otherwise.layerNorm(x, weight, bias, epsilon, out);
      const columns = x.shape[x.shape.length - 1];
      const rows = sizeOf(x.shape) / columns;
      const { perPart, parts } = cut(rows, FORWARD * columns);
      const [xAt, outAt] = [machine.address(x), machine.address(out)];
      const [weightAt, biasAt] = [machine.address(weight), machine.address(bias)];
      const kernel = emitted().forward;
      machine.launch(kernel, parts, xAt, weightAt, biasAt, outAt, rows, columns, perPart, epsilon);
    },
    layerNormBackward: (g, x, weight, epsilon, dx, dWeight, dBias) => {
      if (x.dtype !== 'float32') {
        return otherwise.layerNormBackward(g, x, weight, epsilon, dx, dWeight, dBias);
      }
      const columns = x.shape[x.shape.length - 1];
      const rows = sizeOf(x.shape) / columns;
      const groups = cut(Math.ceil(rows / GROUP), BACKWARD * GROUP * columns);
      const perPart = Math.max(GROUP * groups.perPart, LEAST_ROWS);
      const parts = Math.ceil(rows / perPart);
      const [gAt, xAt, weightAt] = [machine.address(g), machine.address(x), machine.address(weight)];
      const [dxAt, dWeightAt, dBiasAt] = [machine.address(dx), machine.address(dWeight), machine.address(dBias)];
      const room = roomFor(columns);
      const sums = machine.scratch(parts * room);
      const { backward, total } = emitted();
      machine.launch(backward, parts, gAt, xAt, weightAt, dxAt, sums, room, rows, columns, perPart, epsilon);

      const pieces = Math.ceil(columns / COLUMNS);
      const totals = cut(pieces, TOTAL * COLUMNS * 2 * parts);
      machine.launch(total, totals.parts, sums, room, parts, dWeightAt, dBiasAt, columns, pieces, totals.perPart);
    }, // biome-ignore format: a launch a line
  };
}

/** Three walks along a row: its mean; its deviations, left in `out`, and their squares; the result. */
function emitForward(module: ModuleBuilder): KernelFunction {
  return module.kernel(
    'layerNorm',
    ['x', 'weight', 'bias', 'out', 'rows', 'columns', 'perPart', 'epsilon: f32'],
    (f, [x, weight, bias, out, rows, columns, perPart, epsilon], part) => {
      const count = countOf(f, columns);
      eachRow(f, part, { rows, columns, perPart }, [x, out], () => {
        const mean = meanOf(f, x, columns, count);
        const squares = startSum(f);
        eachVector(f, columns, (lanes) => {
          const ds = deviations(f, load(f, lanes, x), mean);
          store(f, lanes, out, ds);
          addSquares(f, squares, masked(f, lanes, ds, f.splat(0)));
        });
        const rstd = f.keep(f32x4.splat(f32.demote(rstdOf(f, squares, count, epsilon))));
        eachVector(f, columns, (lanes) => {
          const [ds, weights] = [load(f, lanes, out), load(f, lanes, weight)];
          const biases = load(f, lanes, bias);
          const results = ds.map((d, i) => f32x4.add(f32x4.mul(f32x4.mul(d, rstd), weights[i]), biases[i]));
          store(f, lanes, out, results);
        });
      });
    },
  );
}

/**
 * Softmax in WebAssembly, float32: one row after the other, three walks along it (maximum, sum of exponentials, quotient).
 * Sums run in float64, in lanes whose order the row's length alone decides.
 *
 * Errors: of softmax 4e-7 + 6e-8 log (n / y), relative to y, the result, in rows of n; of its logarithm y,
 * 4e-7 + 3e-7 |y| + 6e-8 log n; of the gradients four roundings of each term, and 3e-7 of e^y Σ |g|.
 */
import { f32, f32x4, f64 } from '../assembler/instructions.ts';
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import type { KernelFunction, ModuleBuilder } from '../assembler/module.ts';
import {
  addToSum,
  eachRow,
  eachVector,
  load,
  masked,
  rowMaximum,
  startSum,
  store,
  together,
  totalOf,
} from '../assembler/vectors.ts';
import type { Kernels } from '../contract.ts';
import { log as logarithm } from '../pointwise/simd-functions.ts';
import { sizeOf } from '../strides.ts';
import { expBelowZero, sumOfPowers } from './simd-exp.ts';

type SoftmaxKernels = Pick<Kernels<LinearBuffer>, 'softmax' | 'softmaxBackward'>;

/** What an element costs, in additions. */
const [EXPONENTIALS, PRODUCTS] = [6, 2];

/** @param otherwise for other types than float32 */
export function simdSoftmax(machine: Machine, otherwise: SoftmaxKernels): SoftmaxKernels {
  const emitted = lazily(() => machine.module(emitSoftmax));
  return {
    softmax: (x, log, out) => {
      if (x.dtype !== 'float32') return otherwise.softmax(x, log, out);
      const columns = x.shape[x.shape.length - 1];
      const rows = sizeOf(x.shape) / columns;
      const { perPart, parts } = cut(rows, EXPONENTIALS * columns);
      const kernel = log ? emitted().logSoftmax : emitted().softmax;
      machine.launch(kernel, parts, machine.address(x), machine.address(out), rows, columns, perPart);
    },
    softmaxBackward: (g, y, log, out) => {
      if (g.dtype !== 'float32') return otherwise.softmaxBackward(g, y, log, out);
      const columns = y.shape[y.shape.length - 1];
      const rows = sizeOf(y.shape) / columns;
      const { perPart, parts } = cut(rows, (log ? EXPONENTIALS : PRODUCTS) * columns);
      const kernel = log ? emitted().logSoftmaxBackward : emitted().softmaxBackward;
      const [gAt, yAt, outAt] = [machine.address(g), machine.address(y), machine.address(out)];
      machine.launch(kernel, parts, gAt, yAt, outAt, rows, columns, perPart);
    },
  };
}

function emitSoftmax(module: ModuleBuilder): Record<string, KernelFunction> {
  const forward = (name: string, log: boolean): KernelFunction =>
    module.kernel(
      name,
      ['x', 'out', 'rows', 'columns', 'perPart'],
      (f, [x, out, rows, columns, perPart], part) => {
        eachRow(f, part, { rows, columns, perPart }, [x, out], () => {
          const max = rowMaximum(f, x, columns);
          // The logarithm needs no powers, but an engine that joins vectors into wider ones begins at stores.
          const total = sumOfPowers(f, x, columns, max, out);
          const logTotal = log ? logarithm(f, f32x4.splat(f32.demote(total))) : null;
          const scale = f.keep(f32x4.splat(f32.demote(f64.div(f64.const(1), total))));
          eachVector(f, columns, (lanes) => {
            const results = logTotal
              ? load(f, lanes, x).map((value) => f32x4.sub(f32x4.sub(value, max), logTotal))
              : load(f, lanes, out).map((power) => f32x4.mul(power, scale));
            store(f, lanes, out, results);
          });
        });
      },
    );

  const backward = (name: string, log: boolean): KernelFunction =>
    module.kernel(
      name,
      ['g', 'y', 'out', 'rows', 'columns', 'perPart'],
      (f, [g, y, out, rows, columns, perPart], part) => {
        eachRow(f, part, { rows, columns, perPart }, [g, y, out], () => {
          const sum = startSum(f);
          eachVector(f, columns, (lanes) => {
            const [gs, ys] = [load(f, lanes, g), load(f, lanes, y)];
            const terms = log ? gs : gs.map((value, i) => f.keep(f32x4.mul(value, ys[i])));
            addToSum(f, sum, together(f, masked(f, lanes, terms, f.splat(0))));
          });
          const total = f.keep(f32x4.splat(f32.demote(totalOf(f, sum))));
          eachVector(f, columns, (lanes) => {
            const [gs, ys] = [load(f, lanes, g), load(f, lanes, y)];
            const results = gs.map((value, i) =>
              log
                ? f32x4.sub(value, f32x4.mul(expBelowZero(f, ys[i]), total))
                : f32x4.mul(ys[i], f32x4.sub(value, total)),
            );
            store(f, lanes, out, results);
          });
        });
      },
    );

  return {
    softmax: forward('softmax', false),
    logSoftmax: forward('logSoftmax', true),
    softmaxBackward: backward('softmaxBackward', false),
    logSoftmaxBackward: backward('logSoftmaxBackward', true),
  };
}

/**
 * Cross-entropy in WebAssembly, float32: softmax of each row of logits, of which the forward keeps one number and the
 * backward, which computes it again, all. Each part of the rows leaves its own sum, in float64; a second launch adds them
 * up in the order of the parts, which depend on the shape alone.
 *
 * Errors: of the loss 4e-7 · (1 + log V) and its own rounding; of the gradient 5e-7 + 6e-8 log V of the largest that there
 * can be, |g| / rows.
 */
import { f32, f32x4, f64, f64x2, i32, i32x4, type Value } from '../assembler/instructions.ts';
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import {
  type FunctionBuilder,
  fourTimes,
  type KernelFunction,
  type Local,
  type ModuleBuilder,
} from '../assembler/module.ts';
import { eachRow, eachVector, load, masked, rowMaximum, store } from '../assembler/vectors.ts';
import type { Kernels } from '../contract.ts';
import { log } from '../pointwise/simd-functions.ts';
import { sumOfPowers } from '../softmax/simd-exp.ts';

type CrossEntropyKernels = Pick<Kernels<LinearBuffer>, 'crossEntropy' | 'crossEntropyBackward'>;

/** What an element costs, in additions. */
const EXPONENTIALS = 6;
/** What a part of the rows leaves: the sum of its losses and how many there are, both float64. */
const SUMS = 16;

/** @param otherwise for other types than float32 */
export function simdCrossEntropy(machine: Machine, otherwise: CrossEntropyKernels): CrossEntropyKernels {
  const emitted = lazily(() => machine.module(emitCrossEntropy));
  return {
    crossEntropy: (logits, targets, ignoreIndex, out) => {
      if (logits.dtype !== 'float32') return otherwise.crossEntropy(logits, targets, ignoreIndex, out);
      const [rows, columns] = logits.shape;
      const { perPart, parts } = cut(rows, EXPONENTIALS * columns);
      const [x, target, outAt] = [machine.address(logits), machine.address(targets), machine.address(out)];
      const sums = machine.scratch(SUMS * parts);
      const { losses, mean } = emitted();
      machine.launch(losses, parts, x, target, sums, rows, columns, perPart, ignoreIndex);
      machine.launch(mean, 1, sums, parts, outAt);
    },
    crossEntropyBackward: (g, logits, targets, ignoreIndex, out) => {
      if (logits.dtype !== 'float32') {
        return otherwise.crossEntropyBackward(g, logits, targets, ignoreIndex, out);
      }
      const [rows, columns] = logits.shape;
      const { perPart, parts } = cut(rows, EXPONENTIALS * columns);
      const [x, target, outAt] = [machine.address(logits), machine.address(targets), machine.address(out)];
      const gAt = machine.address(g);
      const scale = machine.scratch(8);
      const { share, gradient } = emitted();
      machine.launch(share, 1, gAt, target, rows, ignoreIndex, scale);
      machine.launch(gradient, parts, x, target, outAt, rows, columns, perPart, ignoreIndex, scale);
    },
  };
}

interface Rows {
  readonly targets: Local;
  readonly rows: Value;
  readonly columns: Value;
  readonly perPart: Value;
  readonly ignoreIndex: Value;
}

/** As `eachRow`: `counted` emits the work on a row with a target, `ignored` on one without. */
function eachTarget(
  f: FunctionBuilder,
  part: Local,
  { targets, ignoreIndex, ...cut }: Rows,
  addresses: readonly Local[],
  counted: (target: Local) => void,
  ignored?: () => void,
): void {
  f.advance(targets, fourTimes(i32.mul(part, cut.perPart)));
  eachRow(f, part, cut, addresses, () => {
    const target = f.keep(i32.load(targets), 'i32');
    f.if(i32.ne(target, ignoreIndex), () => counted(target), ignored);
    f.advance(targets, 4);
  });
}

function emitCrossEntropy(module: ModuleBuilder): Record<string, KernelFunction> {
  const losses = module.kernel(
    'crossEntropy',
    ['logits', 'targets', 'sums', 'rows', 'columns', 'perPart', 'ignoreIndex'],
    (f, [logits, targets, sums, rows, columns, perPart, ignoreIndex], part) => {
      const [loss, count] = f.locals('f64', 2);
      eachTarget(f, part, { targets, rows, columns, perPart, ignoreIndex }, [logits], (target) => {
        const max = rowMaximum(f, logits, columns);
        const total = sumOfPowers(f, logits, columns, max);
        const logarithm = f32x4.lane(log(f, f32x4.splat(f32.demote(total))), 0);
        const score = f32.load(i32.add(logits, fourTimes(target)));
        const distance = f64.sub(f64.promote(f32x4.lane(max, 0)), f64.promote(score));
        f.set(loss, f64.add(loss, f64.add(distance, f64.promote(logarithm))));
        f.set(count, f64.add(count, f64.const(1)));
      });
      const to = f.keep(i32.add(sums, i32.mul(part, i32.const(SUMS))), 'i32');
      f.add(f64.store(to, loss), f64.store(to, count, 8));
    },
  );

  const mean = module.kernel('crossEntropyMean', ['sums', 'parts', 'out'], (f, [sums, parts, out]) => {
    const both = f.keep(f64x2.splat(f64.const(0)));
    f.for(i32.const(0), parts, 1, () => {
      f.set(both, f64x2.add(both, f64x2.load(sums)));
      f.advance(sums, SUMS);
    });
    // NaN where nothing counts.
    f.add(f32.store(out, f32.demote(f64.div(f64x2.lane(both, 0), f64x2.lane(both, 1)))));
  });

  /** A row's share in the gradient of the mean: g / how many rows count. */
  const share = module.kernel(
    'crossEntropyShare',
    ['g', 'targets', 'rows', 'ignoreIndex', 'scale'],
    (f, [g, targets, rows, ignoreIndex, scale]) => {
      const ignored = f.keep(i32x4.splat(ignoreIndex));
      const sums = f.locals('v128', 2);
      for (const sum of sums) f.set(sum, f.splat(0));
      eachVector(f, rows, (lanes) => {
        // All ones, which is −1, where a row does not count.
        const flags = load(f, lanes, targets).map((target) => f.keep(i32x4.eq(target, ignored)));
        masked(f, lanes, flags, f.splat(0)).forEach((flag, i) => f.set(sums[i], i32x4.add(sums[i], flag)));
      });
      const lanes = f.keep(i32x4.add(sums[0], sums[1]));
      const count = [0, 1, 2, 3].reduce<Value>((sum, i) => i32.add(sum, i32x4.lane(lanes, i)), rows);
      f.add(f64.store(scale, f64.div(f64.promote(f32.load(g)), f64.convertS(count))));
    },
  );

  const gradient = module.kernel(
    'crossEntropyBackward',
    ['logits', 'targets', 'out', 'rows', 'columns', 'perPart', 'ignoreIndex', 'scale'],
    (f, [logits, targets, out, rows, columns, perPart, ignoreIndex, scaleAt], part) => {
      const scale = f.keep(f64.load(scaleAt), 'f64');
      const zero = f.splat(0);
      eachTarget(
        f,
        part,
        { targets, rows, columns, perPart, ignoreIndex },
        [logits, out],
        (target) => {
          const max = rowMaximum(f, logits, columns);
          const total = sumOfPowers(f, logits, columns, max, out);
          const factor = f.keep(f32x4.splat(f32.demote(f64.div(scale, total))));
          eachVector(f, columns, (lanes) => {
            store(f, lanes, out, load(f, lanes, out).map((power) => f32x4.mul(power, factor)));
          }); // biome-ignore format: a line
          const at = f.keep(i32.add(out, fourTimes(target)), 'i32');
          f.add(f32.store(at, f32.sub(f32.load(at), f32.demote(scale))));
        },
        () => eachVector(f, columns, (lanes) => store(f, lanes, out, [zero, zero].slice(0, lanes.count))),
      );
    },
  );
  return { losses, mean, share, gradient };
}

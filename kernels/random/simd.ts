/**
 * Gumbel noise in WebAssembly: four counters a vector through Threefry, then logarithms of two float64 a vector. Every
 * operation is one that the reference does too, in its order, so the bits are the reference's, whoever makes which part.
 */
import { f32x4, f64, f64x2, i32, i32x4, i64x2, type Value, v128 } from '../assembler/instructions.ts';
import { cut, type LinearBuffer, lazily, type Machine } from '../assembler/machine.ts';
import {
  type FunctionBuilder,
  fourTimes,
  type KernelFunction,
  type Local,
  type ModuleBuilder,
} from '../assembler/module.ts';
import { eachVector, type Lanes, piecesOf, store } from '../assembler/vectors.ts';
import type { Kernels } from '../contract.ts';
import { sizeOf } from '../strides.ts';
import { KEY_PARITY, LN2_HIGH, LN2_LOW, LOG_TERMS, ROTATIONS } from './reference.ts';

type RandomKernels = Pick<Kernels<LinearBuffer>, 'gumbel'>;

/** Elements are shared out in groups of this size, two vectors. */
const GROUP = 8;
/** What an element costs, in additions. */
const COST = 40;

/** @param otherwise for other types than float32 and float64 */
export function simdRandom(machine: Machine, otherwise: RandomKernels): RandomKernels {
  const emitted = lazily(() => machine.module(emitGumbel));
  return {
    gumbel: (key0, key1, position, out) => {
      if (out.dtype !== 'float32' && out.dtype !== 'float64')
        return otherwise.gumbel(key0, key1, position, out);
      const count = sizeOf(out.shape);
      const { perPart, parts } = cut(Math.ceil(count / GROUP), COST * GROUP);
      const odd = position % 2 === 1;
      const kernel = emitted()[out.dtype][odd ? 'odd' : 'even'];
      const counter = Math.floor(position / 2);
      const [low, high] = [counter, Math.floor(counter / 2 ** 32)]; // a launch keeps the last 32 bits of each
      machine.launch(kernel, parts, machine.address(out), count, perPart * GROUP, low, high, key0, key1);
    },
  };
}

type Emitted = Record<'float32' | 'float64', Record<'even' | 'odd', KernelFunction>>;

function emitGumbel(module: ModuleBuilder): Emitted {
  const kernel = (name: string, odd: boolean, save: typeof saveRounded): KernelFunction =>
    module.kernel(
      name,
      ['out', 'count', 'perPart', 'counterLow', 'counterHigh', 'key0', 'key1'],
      (f, [out, count, perPart, counterLow, counterHigh, key0, key1], part) => {
        const { first, last } = piecesOf(f, part, perPart, count);
        const keys = [key0, key1, f.keep(i32.xor(i32.const(KEY_PARITY), i32.xor(key0, key1)), 'i32')];
        const keyBefore = keys.map((key) => f.keep(i32x4.splat(key)));
        const keyAfter = [1, 2, 3, 4, 5].map((group) => ({
          x0: keyBefore[group % 3],
          x1: f.keep(i32x4.splat(i32.add(keys[(group + 1) % 3], i32.const(group)))),
        }));
        const start = f.keep(i32x4.splat(counterLow));
        const high = f.keep(i32x4.splat(counterHigh));
        /** The words of four blocks in a row for each vector, the first `ahead` blocks behind the element's own. */
        const blocks = ({ count, at }: Lanes, ahead: number): [Local[], Local[]] => {
          const element = f.keep(i32x4.splat(i32.add(first, i32.shrU(at, i32.const(2)))));
          const x0: Local[] = [];
          const x1: Local[] = [];
          for (let i = 0; i < count; i++) {
            const steps = f.constant(
              `i32 ${ahead} ${i}`,
              v128.const([0, 1, 2, 3].map((n) => n + 4 * i + ahead)),
            );
            const low = f.keep(i32x4.add(start, i32x4.add(element, steps)));
            x0.push(low);
            // What has come out below where it began has gone over 2³²: minus −1.
            x1.push(f.keep(i32x4.sub(high, i32x4.ltU(low, start))));
          }
          threefry(f, x0, x1, keyBefore, keyAfter);
          return [x0, x1];
        };
        eachVector(f, i32.sub(last, first), (lanes) => {
          const [first0, first1] = blocks(lanes, 0);
          // From an odd position on, an element takes the second word of its block and the first of the next.
          const highs = odd ? first1 : first0;
          const lows = odd ? blocks(lanes, 1)[0] : first1;
          save(f, lanes, out, first, gumbelOf(f, highs, lows));
        });
      },
    );
  return {
    float32: {
      even: kernel('gumbel', false, saveRounded),
      odd: kernel('gumbel, odd', true, saveRounded),
    },
    float64: {
      even: kernel('gumbel in float64', false, saveWhole),
      odd: kernel('gumbel in float64, odd', true, saveWhole),
    },
  };
}

/**
 * Threefry-2x32 on counters that stand in (x0, x1), four in each vector: they become the blocks' words.
 *
 * @param keyAfter what is added after each group of four rounds
 */
function threefry(
  f: FunctionBuilder,
  x0: readonly Local[],
  x1: readonly Local[],
  keyBefore: readonly Local[],
  keyAfter: readonly { x0: Local; x1: Local }[],
): void {
  const add = (words: readonly Local[], value: (i: number) => Value): void => {
    words.forEach((word, i) => f.set(word, i32x4.add(word, value(i))));
  };
  add(x0, () => keyBefore[0]);
  add(x1, () => keyBefore[1]);
  keyAfter.forEach((key, group) => {
    for (const bits of ROTATIONS[group % 2]) {
      add(x0, (i) => x1[i]);
      x1.forEach((word, i) => {
        const left = i32x4.shl(word, i32.const(bits));
        const right = i32x4.shrU(word, i32.const(32 - bits));
        f.set(word, v128.xor(v128.or(left, right), x0[i]));
      });
    }
    add(x0, () => key.x0);
    add(x1, () => key.x1);
  });
}

/** −log(−log u) in twice as many vectors, of float64, with u = (k + ½) / 2⁵² and k of 52 bits of high and low words. */
function gumbelOf(f: FunctionBuilder, highs: readonly Local[], lows: readonly Local[]): Local[] {
  const one = number(f, 1);
  const words = highs.flatMap((high, i) => [
    v128.shuffle(lows[i], high, [0, 4, 1, 5]),
    v128.shuffle(lows[i], high, [2, 6, 3, 7]),
  ]);
  const uniform = words.map((word) => {
    // The 52 bits behind the point of a number from 1 to 2; no step is rounded.
    const oneAndMore = v128.or(i64x2.shrU(word, i32.const(12)), one);
    return f.keep(f64x2.add(f64x2.sub(oneAndMore, one), number(f, 2 ** -53)));
  });
  const inner = log(f, uniform).map((value) => f.keep(f64x2.neg(value)));
  return log(f, inner).map((value) => f.keep(f64x2.neg(value)));
}

/** The reference's logarithm for positive normal numbers; several vectors side by side hide one another's latencies. */
function log(f: FunctionBuilder, xs: readonly Local[]): Local[] {
  const each = (value: (i: number) => Value): Local[] => xs.map((_, i) => f.keep(value(i)));
  const one = number(f, 1);
  const fraction = f.constant('fraction bits', i64x2.const(0xfffffffffffffn));
  const upper = each((i) => v128.or(v128.and(xs[i], fraction), one)); // m from 1 to 2
  const halve = each((i) => f64x2.gt(upper[i], number(f, Math.SQRT2))); // all ones, which is −1, or 0
  // The exponent as the last bits of a number that has no fraction.
  const shift = number(f, 2 ** 52);
  const exponent = each((i) => {
    const biased = v128.or(i64x2.shrU(xs[i], i32.const(52)), shift);
    return f64x2.sub(i64x2.sub(biased, halve[i]), number(f, 2 ** 52 + 1023));
  });
  const lastOfExponent = f.constant('2⁵²', i64x2.const(2n ** 52n));
  const m = each((i) => i64x2.sub(upper[i], v128.and(halve[i], lastOfExponent)));
  const less = each((i) => f64x2.sub(m[i], one));
  const s = each((i) => f64x2.div(less[i], f64x2.add(number(f, 2), less[i])));
  const z = each((i) => f64x2.mul(s[i], s[i]));
  let series = z.map((): Value => number(f, 2 / (2 * LOG_TERMS + 1)));
  for (let k = LOG_TERMS - 1; k >= 0; k--) {
    const product = each((i) => f64x2.mul(z[i], series[i]));
    if (k === 0) series = product;
    else series = each((i) => f64x2.add(product[i], number(f, 2 / (2 * k + 1))));
  }
  const half = each((i) => f64x2.mul(f64x2.mul(number(f, 0.5), less[i]), less[i]));
  return each((i) => {
    const small = f64x2.add(
      f64x2.mul(s[i], f64x2.add(half[i], series[i])),
      f64x2.mul(exponent[i], number(f, LN2_LOW)),
    );
    const rest = f64x2.sub(f64x2.sub(half[i], small), less[i]);
    return f64x2.sub(f64x2.mul(exponent[i], number(f, LN2_HIGH)), rest);
  });
}

/** A float64 in both lanes. */
function number(f: FunctionBuilder, value: number): Local {
  return f.constant(`f64 ${value}`, f64x2.splat(f64.const(value)));
}

/** Writes noise, two vectors of float64 for each of the lanes' vectors, as float32. */
function saveRounded(f: FunctionBuilder, lanes: Lanes, out: Local, first: Local, noise: Local[]): void {
  const row = f.keep(i32.add(out, fourTimes(first)), 'i32');
  const rounded = Array.from({ length: lanes.count }, (_, i) => {
    const [a, b] = [f32x4.demote(noise[2 * i]), f32x4.demote(noise[2 * i + 1])];
    return v128.shuffle(a, b, [0, 1, 4, 5]);
  });
  store(f, lanes, row, rounded);
}

/** Writes it as it is. */
function saveWhole(f: FunctionBuilder, { at, rest }: Lanes, out: Local, first: Local, noise: Local[]): void {
  const address = f.keep(i32.add(out, i32.shl(i32.add(fourTimes(first), at), i32.const(1))), 'i32');
  noise.forEach((pair, i) => {
    if (!rest) f.add(f64x2.store(address, pair, 16 * i));
    for (const lane of rest ? [0, 1] : []) {
      f.if(i32.gtS(rest as Local, i32.const(2 * i + lane)), () =>
        f.add(f64.store(address, f64x2.lane(pair, lane), 16 * i + 8 * lane)),
      );
    }
  });
}

// A matrix product of 512³ from the plain loop to the engine's kernel, rung by rung: GFLOP/s of each, in one run. The
// chapter docs/inside/a-kernel-grows.md shows the code between the marks below. Writes docs/results/kernel-rungs.json.
//   npm run -s build && node docs/experiments/kernel-rungs.mjs
import { setTimeout as pause } from 'node:timers/promises';
import { f32, f32x4, i32 } from '../../dist/kernels/assembler/instructions.js';
import { fourTimes } from '../../dist/kernels/assembler/module.js';
import { simdMatmul } from '../../dist/kernels/matmul/simd.js';
import { CpuMachine } from '../../dist/src/device/cpu-machine.js';
import { joinVectors, withoutBaseline } from '../../dist/src/device/cpu-modes.js';
import { writeResults } from './results.mjs';

const size = 512;
const rounds = 9;

// mark: loops
/** out = a · b, all n × n, row by row in one array each. */
function loops(a, b, out, n) {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[row * n + k] * b[k * n + column];
      out[row * n + column] = sum;
    }
  }
}
// end

// mark: scalar
/** The same loops in WebAssembly: a, b and out are byte addresses now, and so are steps along them. */
function scalar(module) {
  return module.kernel('scalar', ['a', 'b', 'out', 'n'], (f, [a, b, out, n]) => {
    const rowBytes = f.keep(fourTimes(n), 'i32');
    const sum = f.local('f32');
    f.for(i32.const(0), n, 1, (row) => {
      f.for(i32.const(0), rowBytes, 4, (column) => {
        const aAt = f.keep(i32.add(a, i32.mul(row, rowBytes)), 'i32');
        const bAt = f.keep(i32.add(b, column), 'i32');
        f.set(sum, f32.const(0));
        f.for(i32.const(0), n, 1, () => {
          f.set(sum, f32.add(sum, f32.mul(f32.load(aAt), f32.load(bAt))));
          f.advance(aAt, 4);
          f.advance(bAt, rowBytes);
        });
        f.add(f32.store(out, sum));
        f.advance(out, 4);
      });
    });
  });
}
// end

// mark: vector
/** Four columns at once: a vector of four sums, for which one number of a is spread over four lanes. */
function vector(module) {
  return module.kernel('vector', ['a', 'b', 'out', 'n'], (f, [a, b, out, n]) => {
    const rowBytes = f.keep(fourTimes(n), 'i32');
    const sum = f.local('v128');
    f.for(i32.const(0), n, 1, (row) => {
      f.for(i32.const(0), rowBytes, 16, (column) => {
        const aAt = f.keep(i32.add(a, i32.mul(row, rowBytes)), 'i32');
        const bAt = f.keep(i32.add(b, column), 'i32');
        f.set(sum, f.splat(0));
        f.for(i32.const(0), n, 1, () => {
          f.set(sum, f32x4.add(sum, f32x4.mul(f32x4.loadSplat(aAt), f32x4.load(bAt))));
          f.advance(aAt, 4);
          f.advance(bAt, rowBytes);
        });
        f.add(f32x4.store(out, sum));
        f.advance(out, 16);
      });
    });
  });
}
// end

// mark: tile
/** A tile of 4 rows and 2 vectors: eight sums stay in registers, and each vector of b that is loaded serves four rows. */
function tile(module) {
  return module.kernel('tile', ['a', 'b', 'out', 'n'], (f, [a, b, out, n]) => {
    const rowBytes = f.keep(fourTimes(n), 'i32');
    const sums = Array.from({ length: 4 }, () => f.locals('v128', 2));
    const [left, right, spread] = f.locals('v128', 3);
    const rows = f.locals('i32', 4);
    f.for(i32.const(0), n, 4, (row) => {
      f.for(i32.const(0), rowBytes, 32, (column) => {
        rows.forEach((at, i) =>
          f.set(at, i === 0 ? i32.add(a, i32.mul(row, rowBytes)) : i32.add(rows[i - 1], rowBytes)),
        );
        const bAt = f.keep(i32.add(b, column), 'i32');
        for (const sum of sums.flat()) f.set(sum, f.splat(0));
        f.for(i32.const(0), n, 1, () => {
          f.set(left, f32x4.load(bAt));
          f.set(right, f32x4.load(bAt, 16));
          sums.forEach(([own, next], i) => {
            f.set(spread, f32x4.loadSplat(rows[i]));
            f.set(own, f32x4.add(own, f32x4.mul(spread, left)));
            f.set(next, f32x4.add(next, f32x4.mul(spread, right)));
            f.advance(rows[i], 4);
          });
          f.advance(bAt, rowBytes);
        });
        const to = f.keep(i32.add(i32.add(out, i32.mul(row, rowBytes)), column), 'i32');
        for (const [own, next] of sums) {
          f.add(f32x4.store(to, own), f32x4.store(to, next, 16));
          f.advance(to, rowBytes);
        }
      });
    });
  });
}
// end

/** What runs on a machine: prepared numbers, and a call. */
function onMachine(mode, threads, prepare) {
  const machine = new CpuMachine({ shared: threads > 1, wide: false, madd: false, ...mode, threads });
  const buffers = [0, 1, 2].map(() => machine.memory.allocate('float32', size * size));
  const [a, b] = numbers();
  machine.memory.array(buffers[0]).set(a);
  machine.memory.array(buffers[1]).set(b);
  const call = prepare(machine, buffers);
  return { call, read: () => machine.memory.array(buffers[2]).slice(), stop: () => machine.stop() };
}

function numbers() {
  return [1, 2].map((factor) =>
    Float32Array.from({ length: size * size }, (_, i) => (((i * 7919 * factor) % 2003) - 1001) / 1001),
  );
}

const emitted = (emit) =>
  onMachine({}, 1, (machine, buffers) => {
    const kernel = machine.module(emit);
    const [a, b, out] = buffers.map((buffer) => machine.memory.addressOf(buffer));
    return () => machine.launch(kernel, 1, a, b, out, size);
  });

const engine = (mode, threads) =>
  onMachine(mode, threads, (machine, buffers) => {
    const { matmul } = simdMatmul(machine, { matmul: () => {} });
    const [a, b, out] = buffers.map((buffer) => ({
      buffer,
      dtype: 'float32',
      shape: [size, size],
      strides: [size, 1],
      offset: 0,
    }));
    return () => matmul(a, b, null, out);
  });

function plainLoops() {
  const [a, b] = numbers();
  const out = new Float32Array(size * size);
  return { call: () => loops(a, b, out, size), read: () => out, stop: () => {} };
}

const rungs = [
  ['loops in JavaScript', 'loops', plainLoops],
  ['the same loops in WebAssembly', 'scalar', () => emitted(scalar)],
  ['four columns at once', 'vector', () => emitted(vector)],
  ['a tile of 4 × 8 sums in registers', 'tile', () => emitted(tile)],
  ['a tile of 5 × 8, and B in panels', null, () => engine({}, 1)],
  ['two threads', null, () => engine({}, 2)],
];
function prepared([name, mark, prepare]) {
  const { call, read, stop } = prepare();
  withoutBaseline(call); // compiled for speed now, before V8 is told to join vectors
  return { name, mark, call, read, stop, times: [] };
}

const all = rungs.map(prepared);
const noWide = joinVectors();
const wide = ['vectors joined to 256 bits, two threads', null, () => engine({ wide: true }, 2)];
if (noWide === null) all.push(prepared(wide));
else console.error(`left out: ${noWide}`);

await pause(300); // threads come up, compilers finish
for (let round = 0; round < rounds; round++) {
  for (const { call, times } of all) {
    const began = performance.now();
    let calls = 0;
    for (; performance.now() - began < 60; calls++) call();
    times.push((performance.now() - began) / calls);
    await pause(1);
  }
}
const exact = all[0].read();
const data = all.map(({ name, mark, read, stop, times }) => {
  const milliseconds = times.sort((x, y) => x - y)[rounds >> 1];
  const error = read().reduce((most, value, i) => Math.max(most, Math.abs(value - exact[i])), 0);
  if (!(error < 1e-3)) throw new Error(`${name}: off by ${error}`);
  stop();
  return { name, mark, gflops: (2 * size ** 3) / milliseconds / 1e6 };
});
console.table(data.map(({ name, gflops }) => ({ rung: name, 'GFLOP/s': gflops.toFixed(1) })));
writeResults('kernel-rungs', {
  what: `A matrix product of ${size}³ in float32: medians of ${rounds} rounds, all rungs in turn in each.`,
  command: 'npm run -s build && node docs/experiments/kernel-rungs.mjs',
  seeds: [],
  data,
});

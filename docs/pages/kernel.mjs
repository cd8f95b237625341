import { readFileSync } from 'node:fs';
import { origin, readResults, table } from './results-file.mjs';

/** The code between `// mark: name` and `// end` of the experiment. */
function excerpt(name) {
  const source = readFileSync(new URL('../experiments/kernel-rungs.mjs', import.meta.url), 'utf8');
  const found = source.match(new RegExp(`^// mark: ${name}\\n(.*?)^// end$`, 'ms'));
  if (!found) throw new Error(`docs/experiments/kernel-rungs.mjs has no mark ${name}`);
  return ['```ts', found[1].trimEnd(), '```'];
}

/** docs/inside/a-kernel-grows.md. */
export function kernelPage() {
  const results = readResults('kernel-rungs');
  const { data, what } = results;
  const [plain] = data;
  const speed = (rung) => `**${rung.gflops.toFixed(1)} GFLOP/s**`;
  const byMark = (mark) => speed(data.find((rung) => rung.mark === mark));
  const byName = (part) => speed(data.find(({ name }) => name.includes(part)));
  const rows = data.map(({ name, gflops }, i) => [
    name,
    gflops.toFixed(1),
    i === 0 ? '' : `${(gflops / data[i - 1].gflops).toFixed(1)} ×`,
    `${(gflops / plain.gflops).toFixed(0)} ×`,
  ]);
  return [
    '# A kernel grows',
    '',
    'How a matrix product in JavaScript becomes fast, one idea at a time. Nothing here is compiled ahead: the file',
    '[kernels/assembler/instructions.ts](../../kernels/assembler/instructions.ts) is a WebAssembly assembler, kernels are',
    'TypeScript that writes instructions, and the engine compiles them when it starts. Written by `npm run docs:pages`; the code',
    'below is what was measured.',
    '',
    '## From TypeScript to the instruction',
    '',
    'An instruction is a function that returns bytes, and its operands stand inside it, as in an expression. A stack machine',
    'wants operands first, so the bytes of the operands come first:',
    '',
    '```js',
    "import { f32x4 } from '../kernels/assembler/instructions.js';",
    "import { FunctionBuilder } from '../kernels/assembler/module.js';",
    '',
    "const f = new FunctionBuilder('double', 0, ['i32']); // its parameter: a byte address",
    'const x = f.parameter(0);',
    'const twice = f32x4.add(f32x4.load(x), f32x4.load(x));',
    'const hex = (code) => code.map((byte) => byte.toString(16)).join(" ");',
    'console.log(hex(x.get)); // → 20 0',
    'console.log(hex(f32x4.load(x))); // → 20 0 fd 0 2 0',
    'console.log(hex(twice)); // → 20 0 fd 0 2 0 20 0 fd 0 2 0 fd e4 1',
    'console.log(hex(f32x4.store(x, twice))); // → 20 0 20 0 fd 0 2 0 20 0 fd 0 2 0 fd e4 1 fd b 2 0',
    '```',
    '',
    '`20 0` is *local.get 0*; `fd 0 2 0` is *v128.load*, aligned to 2² bytes, 0 bytes behind the address; `fd e4 1` is',
    '*f32x4.add*, `fd b 2 0` *v128.store*. [FunctionBuilder](../../kernels/assembler/module.ts) keeps statements in order (`set`, `while`, `for`, `if`),',
    '`ModuleBuilder` puts functions into a module. That is all the compiler there is; V8 does the rest.',
    '',
    '## The plain loop',
    '',
    ...excerpt('loops'),
    '',
    `${byMark('loops')}. Every multiplication waits for two loads, an addition for the addition before it, and numbers become`,
    'float64 on the way.',
    '',
    '## The same loop, emitted',
    '',
    ...excerpt('scalar'),
    '',
    `${byMark('scalar')}: WebAssembly alone changes little. The sum is still a chain: an addition takes some cycles, and the`,
    'next one needs its result.',
    '',
    '## Four columns at once',
    '',
    ...excerpt('vector'),
    '',
    `${byMark('vector')}. Each instruction does four times as much, and rows of B are read as they lie. It is still one chain of`,
    'additions, and two loads for every product.',
    '',
    '## A tile in registers',
    '',
    ...excerpt('tile'),
    '',
    `${byMark('tile')}. Eight chains run side by side and hide each other's latency; six loads now serve eight products. The`,
    'processor has 16 vector registers: the sums, two vectors of B, one number of A and one product must fit.',
    '',
    '## Panels',
    '',
    `${byName('panels')}. In [kernels/matmul/simd-routines.ts](../../kernels/matmul/simd-routines.ts) the tile has 5 × 8 sums, which`,
    'V8 keeps in registers on every version tried, and B is first copied into *panels*: the eight columns that a tile reads',
    'lie together, so that a panel stays in the first-level cache while one tile after the other passes by, whatever the strides of B were.',
    'Sums run in the order of k and products are rounded before they are added: the bits are the same on every engine.',
    '',
    '## Threads',
    '',
    `${byName('two threads')} on two. Rows of A are cut into blocks; whoever is free takes the next`,
    '([src/device/threads.ts](../../src/device/threads.ts)). Who does a block changes nothing in it: the bits stay the same.',
    '',
    ...(data.some(({ name }) => name.includes('256'))
      ? [
          '## Twice the width',
          '',
          `${byName('256')}. WebAssembly's vectors have 128 bits; V8 from Node 24 on can join two that lie side by side and are`,
          'treated alike. So every kernel here works on pairs. The bits do not change; the command line asks for it where a',
          'test of every kernel against the reference passes ([src/device/cpu-modes.ts](../../src/device/cpu-modes.ts)).',
          '',
        ]
      : []),
    '## All rungs',
    '',
    what,
    '',
    ...table(['rung', 'GFLOP/s', 'to the rung before', 'to the plain loop'], rows),
    '',
    origin(results),
    '',
  ].join('\n');
}

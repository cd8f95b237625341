import { origin, readResults, table } from './results-file.mjs';

const digits = (number, most = 3) => Number(number.toPrecision(most)).toString();

/** docs/inside/on-the-gpu.md. */
export function gpuPage() {
  const results = readResults('gpu');
  const hardware = readResults('gpu-hardware');
  const { browser, node } = results.data;
  const steps = browser.rows.filter(({ launches }) => launches !== undefined);
  const unique = (values) => [...new Set(values)];
  const sizes = unique(node.products.map(({ n }) => n));
  const who = unique(node.products.map((row) => row.who));
  const product = (n, name) => node.products.find((row) => row.n === n && row.who === name);
  const slower = node.steps.map(({ gpuMs, cpuMs }) => Math.round(gpuMs / cpuMs)).sort((a, b) => a - b);
  return [
    '# On the GPU',
    '',
    'The device `gpu` computes in textures, through WebGL, which [gpu.js](https://gpu.rocks) reaches in Node (headless-gl) and in',
    'every browser. Weights, activations, gradients and the optimizer’s state stay there; ops, autograd and the model do not',
    'know. Written by `npm run docs:pages`.',
    '',
    '## A kernel is a text',
    '',
    'A GPU kernel here is GLSL that computes one *texel*: four neighbouring numbers of the result. The machine asks for all',
    'texels at once. This is the whole kernel of `x * 2 + y`, where y is a row that is added to every row of x:',
    '',
    '```js',
    "import { input } from '../kernels/pointwise/expression.js';",
    "import { compile } from '../kernels/pointwise/program.js';",
    "import { pointwiseKernel } from '../kernels/pointwise/gpu.js';",
    "import { layoutsOf } from '../kernels/glsl/views.js';",
    '',
    'const program = compile(input(0).mul(2).add(input(1)), 2, 0);',
    'const x = { strides: [64, 1], offset: 0 };',
    'const y = { strides: [0, 1], offset: 0 }; // stretched along the first axis',
    'const kernel = pointwiseKernel(program, 0, layoutsOf([1000, 64], [x, y]), false);',
    'const { textures, numbers, code } = kernel.source();',
    "console.log(textures.join(' ')); // → x0 x1",
    "console.log(numbers.join(' ')); // → x0Offset x1Offset infinity nan one",
    "console.log(code.includes('1000')); // → false",
    "console.log(code.split('\\n').slice(-7).map((line) => line.trim()).join('\\n'));",
    '// → vec4 texel(float t) {',
    '// → vec4 x0 = x0_read(t);',
    '// → vec4 x1 = x1_read(t);',
    '// → vec4 y3 = x0 * vec4(2.0);',
    '// → vec4 y4 = y3 + x1;',
    '// → return y4;',
    '// → }',
    '```',
    '',
    'The thousand rows stand nowhere in the source, so a batch with other active tokens compiles nothing. What a source',
    'depends on (the 64 columns, the strides) is the name under which the compiled kernel is kept; what changes from call to',
    'call (offsets, counts of rows, learning rates) is handed over as numbers.',
    '',
    '- **Layout.** Element e is channel e mod 4 of texel ⌊e / 4⌋; every texture is 1,024 texels wide. A kernel need not know how',
    '  large its textures are, reshaping stays free, and a pointwise step works on four numbers at once.',
    '- **Native functions.** gpu.js translates JavaScript to GLSL, but each element read there costs an integer division, and',
    '  there are no vectors. It also compiles functions that are GLSL already; all kernels here are such. As strings they',
    '  survive compilers, bundlers and minifiers.',
    '- **Textures are made once.** gpu.js makes a texture for every result. Here results are drawn into textures that were',
    '  given back, so a training step makes none. What you drop without a scope is freed after the garbage collector and a turn',
    '  of the event loop (`setTimeout`; `await data()` is none), or moved to the host when it has become 256 MB.',
    '- **Indices are floats,** for WebGL 1 has no others: whole numbers up to 2²⁴. Larger tensors are refused with an error, also',
    '  where only a kernel would need so many on the way; int32 numbers beyond it are left to the host, which is exact.',
    '- **Small and large.** Numbers below 10⁻³⁸ (subnormal ones) count as 0, as GPUs have it, and layerNorm squares what rows are',
    '  apart, which overflows beyond 10¹⁸.',
    '- **Sums** over more than 256 numbers are sums of sums, so that rounding does not grow with the length.',
    '- **Functions** (exp, log, tanh, erf, …) are polynomials of our own: built-in ones are off by 10⁻⁵ on some systems.',
    '',
    '## What goes back and forth',
    '',
    'Up go token ids, random bits and the lists of active rows; down come the loss with its companions (gradient norm, densities)',
    'in one read, and per routed layer the truth values from which the lists are made. Each readback waits for all that was',
    'launched, so `metrics.jsonl` counts them per step, and `hopgrad train` prints them.',
    '',
    '## Why trust it',
    '',
    '- `useDevice("gpu")` believes no name: the kernels’ class must be the one that was asked for, and a kernel must have computed',
    '  right. Otherwise `cpu` runs, and one line says why; `{ fallback: "error" }` refuses instead.',
    '- Every kernel of the contract is held to the float64 reference, and every op’s gradients to the reference’s, in Node',
    '  (WebGL 1 on headless-gl) and in Chromium (WebGL 2 and WebGL 1), and once more from a minified page.',
    '- `hopgrad devices --selftest` does the same on your GPU and writes a report. The test suite draws in software: SwiftShader in',
    '  Chromium, llvmpipe in Node. **One real GPU has been tried**, an NVIDIA H200 in Chromium, and it showed what software hides.',
    '  WebGL 1 gives a pixel’s place in medium precision, there 16 bits: tensors of more than 8,192 elements came out wrong. The',
    '  signs of some zeros were lost. Both are mended, and what opens a context now looks at several rows of texels. With that all',
    '  tests of the GPU passed there in WebGL 1, and in WebGL 2 those that had failed, but for quotients held to 10⁻⁷: a GPU multiplies',
    '  by an inverse, and is held to the 2.5 units in the last place of Vulkan now. Of other GPUs we know nothing: attach the report',
    '  to an issue.',
    '- If the system takes the GPU away, `hopgrad train` starts it again and goes on from the last checkpoint.',
    '',
    '## How fast it is',
    '',
    `In ${placeOf(browser)}, beside TensorFlow.js 4.22 on WebGL in the same page:`,
    '',
    ...besideTensorFlow(browser),
    '',
    ...steps.map(
      ({ what, launches, uploads, readbacks }) =>
        `The ${what} takes ${launches} launches, ${uploads} uploads and ${readbacks} readback${readbacks === 1 ? '' : 's'}.`,
    ),
    '',
    'In Node on headless-gl, a matrix product n × n beside what gpu.js makes of the three loops, and beside the `cpu` device:',
    '',
    ...table(
      ['n', ...who.map((name) => `${name}, ms`)],
      sizes.map((n) => [n, ...who.map((name) => digits(product(n, name).milliseconds))]),
    ),
    '',
    ...table(
      ['training step (batch, sequence, dim, heads, layers)', 'gpu in software, ms', 'cpu, ms'],
      node.steps.map(({ size, gpuMs, cpuMs }) => [
        `(${size.split(',').join(', ')})`,
        digits(gpuMs),
        digits(cpuMs),
      ]),
    ),
    '',
    `A GPU in software takes ${slower[0]} to ${slower.at(-1)} times as long as the \`cpu\` device on the same cores: here it is for correctness, and what`,
    'may carry over to real ones are the ratios to other WebGL libraries.',
    '',
    origin(results),
    '',
    `On a real GPU, in ${placeOf(hardware.data.browser)}:`,
    '',
    ...besideTensorFlow(hardware.data.browser),
    '',
    'The smallest model is trained faster than by TensorFlow.js there, wide ones more slowly, as large matrix products are,',
    'whose kernel was chosen on software. What they wait for has not been measured. Both read every result back.',
    'Measured just before the two repairs named above.',
    '',
    origin(hardware),
    '',
    'What a WebGPU device would take stands in [CONTRIBUTING](../../CONTRIBUTING.md).',
    '',
  ].join('\n');
}

/** A browser, and what draws in it. */
function placeOf({ browser, device }) {
  return `${browser} on ${device.replace(/^.* on /, '')}`;
}

function besideTensorFlow({ rows }) {
  return table(
    ['', 'hopgrad, ms', 'TensorFlow.js, ms', 'times as fast'],
    rows.map(({ what, hopgradMs, tfjsMs }) => [
      what,
      digits(hopgradMs),
      digits(tfjsMs),
      `${digits(tfjsMs / hopgradMs, 2)} ×`,
    ]),
  );
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ops, plainOps, several, tensorOps } from './op-files.mjs';
import { cell, origin, readResults, table } from './results-file.mjs';

const root = new URL('../../', import.meta.url);
const link = (path) => `[${path.split('/').slice(-2).join('/')}](../../${path})`;
/** What has not been tried, or does not run there; red on the site. */
const LACKS = '<span class="lacks">✗</span>';
const small = (error) => (error === 0 ? 'exact' : `${error.toExponential(0).replace('-', '−')}`);

/** docs/reference/ops.md: a row per op, from its record and from what its tests have measured. */
export function opsPage() {
  const results = readResults('op-table');
  const { cases, devices, kernels } = results.data;
  const rows = (list) => list.map((op) => opRow(op, results.data.ops[op.name] ?? {}));
  const head = ['op', 'gradient', 'second order', 'reference', 'cpu', 'gpu', 'what it computes'];
  const differentiable = ops.filter((op) => op.differentiable === true);
  return [
    '---',
    'aside: false',
    'pageClass: wide-tables',
    '---',
    '',
    '# Ops',
    '',
    `Written by \`npm run docs:pages\` from the records in \`src/ops\` and from what tests measured. ${ops.length} ops, ${differentiable.length} of them differentiable;`,
    `every op in ${cases} random calls drawn from its own record, on the gpu in ${Math.ceil(cases / 20)}. A name leads to the op's file;`,
    'how each is called stands in [the API](/reference/api/ops).',
    '',
    'A number is the largest error found, as a share of the largest number compared, or of 1:',
    '',
    '- *gradient* and *second order*: against finite differences, in float64. The test allows 10⁻⁶:',
    '  [gradients.test.ts](../../test/properties/gradients.test.ts).',
    '- *reference*, *cpu*, *gpu*: values and gradients in float32 on this device, against float64 on the reference. The tests',
    '  allow 10⁻⁵: [devices.test.ts](../../test/properties/devices.test.ts),',
    '  [devices-gpu.test.ts](../../test/properties/devices-gpu.test.ts). *exact*: no error at all.',
    `- –: the op has no derivative; the reason stands behind what it computes. ${LACKS}: not tried there, or it does not run.`,
    '',
    'What kernels may be off by is said more closely [below](#kernels).',
    '',
    '## Methods of Tensor, and functions',
    '',
    ...table(head, rows(tensorOps)),
    '',
    '## Functions only',
    '',
    ...table(head, rows(plainOps)),
    '',
    `Functions with several results: ${several.map(({ name, file }) => `[\`${name}\`](../../${file})`).join(', ')}. They are methods of Tensor too;`,
    'their gradients are those of the ops they are written from.',
    '',
    `On the gpu \`oneHot\` and \`to\` are not tried, as their calls ask for float64, which it does not have.`,
    '',
    ...kernelTable(kernels, results.data.ops),
    ...bounds(),
    '## How it was measured',
    '',
    ...Object.entries(devices).map(([name, what]) => `- *${name}*: ${what}.`),
    '',
    origin(results),
    '',
    `Seed ${results.seeds}.`,
    '',
  ].join('\n');
}

function opRow({ name, file, kind, doc, differentiable }, measured) {
  const flat = differentiable !== true;
  const order = (number) =>
    flat ? '–' : measured.gradient ? small(measured.gradient[`order ${number}`]) : LACKS;
  const on = (device) => {
    const figures = measured[device];
    return figures ? small(Math.max(figures.value, figures.gradient ?? 0)) : LACKS;
  };
  const why = flat ? ` No derivative: ${differentiable.notDifferentiable}.` : '';
  return [
    `<a id="${name}"></a>[\`${name}\`](../../${file})`,
    order(1),
    order(2),
    ...['reference', 'cpu', 'gpu'].map(on),
    `${cell(doc)}${cell(why)} *${kind}*`,
  ];
}

/** Which file of a family has a kernel, by dialect: kernels/softmax has softmax and softmaxBackward. */
const families = readdirSync(new URL('kernels', root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`kernels/${entry.name}/reference.ts`, root)))
  .map(({ name }) => name);

const read = (path) => readFileSync(new URL(path, root), 'utf8');

function familyOf(kernel) {
  const found = families.find((family) =>
    new RegExp(`\\bexport (const|function) ${kernel}\\b`).test(read(`kernels/${family}/reference.ts`)),
  );
  if (!found) throw new Error(`no folder of kernels has a reference for ${kernel}`);
  return found;
}

function kernelTable(kernels, measured) {
  const families = Object.keys(kernels).map((kernel) => [kernel, familyOf(kernel)]);
  const dialect = (family, kernel, file, device) => {
    const figures = kernels[kernel][device];
    const path = `kernels/${family}/${file}`;
    if (!figures) return LACKS;
    const host = figures.onDevice === 0 ? ` ${LACKS} on the host` : '';
    return `${link(path)} ${small(figures.ofBound * 1e-5)}${host}`;
  };
  const launching = (kernel, way) =>
    ops.filter(({ name }) => measured[name]?.launches?.[way]?.includes(kernel)).map(({ name }) => name);
  const named = (names) =>
    names.length > 12 ? `${names.length} ops` : names.map((name) => `[${name}](#${name})`).join(', ') || '–';
  return [
    '<a id="kernels"></a>',
    '',
    '## Kernels',
    '',
    'What an op computes with; the rest of its work is views, which compute nothing',
    '([launches.test.ts](../../test/properties/launches.test.ts) notes which). Beside a file stands the largest error that the',
    'self-test (`hopgrad devices --selftest`) found in its kernel, against the reference.',
    '',
    ...table(
      ['kernel', 'reference', 'cpu', 'gpu', 'ops, forward', 'ops, backward'],
      families.map(([kernel, family]) => [
        `\`${kernel}\``,
        link(`kernels/${family}/reference.ts`),
        dialect(family, kernel, 'simd.ts', 'cpu'),
        dialect(family, kernel, 'gpu.ts', 'gpu'),
        named(launching(kernel, 'forward')),
        named(launching(kernel, 'backward')),
      ]),
    ),
    '',
    'No op launches `update`, which is an optimizer step, nor `gumbel`, the noise of routers.',
    '',
  ];
}

/** Where a family says what it may be off by, if that is not the first comment of its dialect. */
const elsewhere = { 'matmul/simd.ts': 'matmul/simd-routines.ts' };
const SAYS = /Errors|2⁻²|bits are|bit for bit|is off by|may be off by|error of/;

/** The sentences of a file's first comment that say how large an error may be. */
function stated(path) {
  const comment = read(path).match(/\/\*\*(.*?)\*\//s)?.[1] ?? '';
  const text = comment.replace(/^\s*\* ?/gm, '').replace(/\s*\n(?!\s*\n)/g, ' ');
  return text
    .split(/(?<=\.)\s+(?=\S)/)
    .filter((sentence) => SAYS.test(sentence))
    .map((sentence) => sentence.trim())
    .join(' ');
}

function bounds() {
  const tests = readdirSync(new URL('test/kernels', root)).filter((name) =>
    /(^|-)(simd|gpu)[-.].*test\.ts$/.test(name),
  );
  const rows = families.flatMap((family) =>
    ['simd.ts', 'gpu.ts'].map((file) => {
      const path = `kernels/${elsewhere[`${family}/${file}`] ?? `${family}/${file}`}`;
      const dialect = file.replace('.ts', '');
      const own = tests.filter(
        (name) => new RegExp(`(^|-)${dialect}[-.]`).test(name) && testsFamily(`test/kernels/${name}`, family),
      );
      const said = family === 'pointwise' ? functions(dialect) : stated(path);
      return [
        link(path),
        cell(said) || 'says nothing: the test has it',
        own.map((name) => `[${name}](../../test/kernels/${name})`).join(', ') || LACKS,
      ];
    }),
  );
  return [
    '### What kernels say that they may be off by',
    '',
    ...table(['kernel', 'bound', 'test'], rows),
    '',
  ];
}

/** Whether a test compares kernels of this family, which it calls by name. */
function testsFamily(path, family) {
  const text = read(path);
  return (
    new RegExp(`kernels/${family}/|^(?:onGpu|describe)\\('[^']*${family}`, 'm').test(text) ||
    calls(text).some((name) => familyOf(name) === family)
  );
}

const contract = [...read('kernels/contract.ts').matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
const calls = (text) =>
  contract.filter((name) => new RegExp(`expectParity\\('${name}'|name: '${name}'|\\('${name}',`).test(text));

/** GLSL functions that stand for more than their names say. */
const glsl = { logOfSum: 'log and log1p', sinOf: 'sin and cos, up to 6000,' };

/** The largest relative error of each pointwise function, as the comment on it says. */
function functions(dialect) {
  const list =
    dialect === 'simd'
      ? ['simd-functions.ts', 'simd-double-functions.ts'].flatMap((file) =>
          [
            ...read(`kernels/pointwise/${file}`).matchAll(
              /relative error below (\de-\d).*?export function (\w+)\(/gs,
            ),
          ].map(([, bound, name]) => [name, bound]),
        )
      : [
          ...read('kernels/glsl/functions.ts').matchAll(/\bbelow (\de-\d).*\n(?:\s*\/\/.*\n)*\s*(\w+): `/gi),
        ].map(([, bound, name]) => [glsl[name] ?? name.replace(/Of$/, ''), bound]);
  const text = list.map(([name, bound]) => `${name} ${bound.replace('-', '−')}`).join(', ');
  return `Of the result's size: ${text}.`;
}

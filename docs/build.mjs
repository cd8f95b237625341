// Writes the pages that follow from the code: the table of ops, from the ops' own records.
//   node docs/build.mjs           writes them
//   node docs/build.mjs --check   fails if one is out of date
import { readFileSync, writeFileSync } from 'node:fs';
import * as functions from '../dist/src/ops/functions.js';
import * as methods from '../dist/src/ops/index.js';

const cell = (text) => text.replaceAll('|', '\\|');

function row({ record: { name, kind, doc, differentiable } }) {
  const gradient = differentiable === true ? 'any order' : `none: ${differentiable.notDifferentiable}`;
  return `| \`${name}\` | ${kind} | ${cell(gradient)} | ${cell(doc)} |`;
}

function opsPage() {
  const records = (list) => Object.values(list).filter((op) => op.record);
  const table = (list) => [
    '| op | kind | gradient | what it computes |',
    '|---|---|---|---|',
    ...records(list).map(row),
  ];
  return [
    '# Ops',
    '',
    'Written by `npm run docs` from the records in `src/ops`. *pointwise*: an expression, whose derivative is derived;',
    '*primitive*: a kernel with a rule; *composite*: written from other ops. Every differentiable op is checked to second',
    'order against finite differences, in float64.',
    '',
    '## Methods of Tensor, and functions',
    '',
    ...table(methods),
    '',
    '## Functions only',
    '',
    ...table(functions),
    '',
  ].join('\n');
}

const page = new URL('ops.md', import.meta.url);
if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== opsPage()) {
    console.error('docs/ops.md is out of date: run npm run docs');
    process.exit(1);
  }
} else writeFileSync(page, opsPage());

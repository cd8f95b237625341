import * as functions from '../../dist/src/ops/functions.js';
import * as methods from '../../dist/src/ops/index.js';
import * as several from '../../dist/src/ops/several-results.js';
import { cell, table } from './results-file.mjs';

function opRow({ record: { name, kind, doc, differentiable } }) {
  const gradient = differentiable === true ? 'any order' : `none: ${differentiable.notDifferentiable}`;
  return [`\`${name}\``, kind, cell(gradient), cell(doc)];
}

/** docs/reference/ops.md: a row per op, from its record. */
export function opsPage() {
  const rows = (list) =>
    Object.values(list)
      .filter((op) => op.record)
      .map(opRow);
  const tableOf = (list) => table(['op', 'kind', 'gradient', 'what it computes'], rows(list));
  return [
    '# Ops',
    '',
    'Written by `npm run docs:pages` from the records in `src/ops`. *pointwise*: an expression, whose derivative is derived;',
    '*primitive*: a kernel with a rule; *composite*: written from other ops. Every differentiable op is checked to second',
    'order against finite differences, in float64.',
    '',
    '## Methods of Tensor, and functions',
    '',
    ...tableOf(methods),
    '',
    '## Functions only',
    '',
    ...tableOf(functions),
    '',
    `Functions with several results: ${Object.keys(several)
      .map((name) => `\`${name}\``)
      .join(', ')}. They are methods of Tensor too;`,
    'their gradients are those of the ops they are written from.',
    '',
  ].join('\n');
}

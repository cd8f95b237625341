// What an example prints, by region. Imported by the copy of an example that run-examples.mjs makes.
import { writeFileSync } from 'node:fs';
import { formatWithOptions } from 'node:util';

const printed = {};
let current = '';

/** From here on a region runs; null: none. */
export function region(name) {
  current = name ?? '';
}

console.log = (...values) => {
  printed[current] ??= [];
  printed[current].push(formatWithOptions({ colors: false }, ...values));
};

process.on('exit', () => writeFileSync(process.env.HOPGRAD_PRINTED, JSON.stringify(printed)));

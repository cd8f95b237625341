// Where experiments keep what they measured: docs/results/NAME.json, with what it takes to measure it again.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

const folder = new URL('../results/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/**
 * Writes docs/results/NAME.json.
 *
 * @param what one sentence: what was measured
 * @param command the command that measures it, options included
 * @param seeds every seed that the figures depend on
 * @param data the figures
 */
export function writeResults(name, { what, command, seeds, data }) {
  mkdirSync(folder, { recursive: true });
  const result = {
    what,
    command,
    machine: `${availableParallelism()} cores, ${cpus()[0].model}`,
    versions: { node: process.version, hopgrad: version },
    seeds,
    data,
  };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
}

import { existsSync, readFileSync } from 'node:fs';

/** What docs/experiments/results.mjs wrote. */
export function readResults(name) {
  const file = new URL(`../results/${name}.json`, import.meta.url);
  if (!existsSync(file))
    throw new Error(`there is no docs/results/${name}.json; run docs/experiments/${name}.mjs`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Text for a cell of a table. */
export function cell(text) {
  return text.replaceAll('|', '\\|');
}

/** The lines of a table. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}

/** How a file of results was made, as the last line of a section. */
export function origin({ command, machine, versions }) {
  return `    ${command}\n\n${machine}; Node ${versions.node}; hopgrad ${versions.hopgrad}.`;
}

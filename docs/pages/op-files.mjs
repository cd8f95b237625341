// Every op, with its record, its file and where it is found: what the table of ops and the API reference go through.
import { readFileSync } from 'node:fs';
import * as functionOps from '../../dist/src/ops/functions.js';
import * as methodOps from '../../dist/src/ops/index.js';
import * as severalResults from '../../dist/src/ops/several-results.js';

/** The file behind each name that a list of ops exports. */
function filesOf(list) {
  const text = readFileSync(new URL(`../../src/ops/${list}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^export \{(.*?)\} from '\.\/(.*?)';$/gms)].flatMap(([, names, file]) =>
    names
      .split(',')
      .map((name) => [name.trim(), `src/ops/${file}`])
      .filter(([name]) => name && !name.startsWith('type ')),
  );
}

const files = new Map(['index.ts', 'functions.ts', 'several-results.ts'].flatMap(filesOf));

const listed = (list) =>
  Object.entries(list).map(([name, call]) => ({ name, file: files.get(name), ...call.record }));

/** Ops that are methods of Tensor as well as functions. */
export const tensorOps = listed(methodOps);
/** Ops that take no tensor first. */
export const plainOps = listed(functionOps);
export const ops = [...tensorOps, ...plainOps];
/** Functions with several results, which are no ops. */
export const several = Object.keys(severalResults).map((name) => ({ name, file: files.get(name) }));
/** The names of what src/assemble.ts puts on Tensor. */
export const methods = new Set([...tensorOps, ...several].map(({ name }) => name));

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

/** Named in messages: where a new room is entered. */
const RULES_FILE = 'test/toolchain/import-rules.ts';

/** One import of a source file, as written. */
export interface SourceImport {
  specifier: string;
  /** True for `import type` and `export type … from`: gone at run time, but a dependency for the reader all the same. */
  typeOnly: boolean;
}

/** Every source file (path from the repository's root, with `/`) and what it imports. */
export type ImportGraph = ReadonlyMap<string, readonly SourceImport[]>;

const GROUND: readonly string[] = ['tensor', 'device', 'kernels'];
const DIFFERENTIABLE: readonly string[] = ['ops', 'autograd', ...GROUND];

/**
 * The rooms a room may import, downhill only: cli, then reproduce, then train, evaluate and report, then model, routing,
 * nn, then ops and autograd, then tensor and device, then kernels. A room may always import itself.
 * tensor and device, like ops and autograd, share a step and may see each other; single files still may not go in circles.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernels: [],
  tensor: ['device', 'kernels'],
  device: ['tensor', 'kernels'],
  autograd: ['ops', ...GROUND],
  ops: ['autograd', ...GROUND],
  optim: ['autograd', ...GROUND],
  data: [],
  nn: DIFFERENTIABLE,
  routing: ['nn', ...DIFFERENTIABLE],
  model: ['routing', 'nn', ...DIFFERENTIABLE],
  report: [],
  evaluate: ['model', 'routing', 'nn', 'data', ...DIFFERENTIABLE],
  train: ['evaluate', 'optim', 'model', 'routing', 'nn', 'data', ...DIFFERENTIABLE],
  reproduce: ['train', 'evaluate', 'report', 'model', 'routing', 'data', ...DIFFERENTIABLE],
};

/** The room of src/index.ts and its like: it puts the package together, so it sees all but the command line. */
const ENTRY = 'the files directly under src/';

/** Single files open to a room that may not see the rest of their room. */
const OPEN_FILES: readonly { from: string; to: string; typeOnly: boolean }[] = [
  { from: 'data', to: 'src/tensor/random.ts', typeOnly: false },
  { from: 'evaluate', to: 'src/report/types.ts', typeOnly: true },
  { from: 'train', to: 'src/report/types.ts', typeOnly: true },
];

/**
 * Reads the import and export-from statements, dynamic imports and `import('…')` types of one file.
 * It reads the tidy source the formatter leaves, and throws when it meets an import it cannot make out
 * rather than pass over it.
 */
export function readImports(file: string, source: string): SourceImport[] {
  const imports: SourceImport[] = [];
  const statement = /^(?:import|export)\s+(?:(type)\s+)?(?:[\w$*{}\s,]+?\s+from\s+)?(['"])([^'"\n]+)\2/gm;
  const understood = new Set<number>();
  for (const match of source.matchAll(statement)) {
    imports.push({ specifier: match[3], typeOnly: match[1] === 'type' });
    understood.add(lineAt(source, match.index)).add(lineAt(source, match.index + match[0].length));
  }
  source.split('\n').forEach((text, line) => {
    const comment = /^\s*(\/\/|\/?\*)/.test(text);
    if (comment) return;
    const looksLikeImport =
      /^import\b(?!\s*[.(])/.test(text) || /^(?:export\s+(?:type\s+)?[*{].*|\}\s*)from\s*['"]/.test(text);
    if (looksLikeImport && !understood.has(line)) {
      throw new Error(`${file}:${line + 1}: cannot read this import: ${text.trim()}`);
    }
    for (const match of text.matchAll(/(?<![\w.$])import\(\s*(?:(['"])([^'"]+)\1)?/g)) {
      if (match[2] === undefined) {
        throw new Error(
          `${file}:${line + 1}: an import() must name its module in place, so that it can be checked`,
        );
      }
      imports.push({ specifier: match[2], typeOnly: false });
    }
  });
  return imports;
}

/** The room of a source file: `kernels`, a folder under src/, or the files directly under src/. */
function roomOf(file: string): string | undefined {
  const [top, second, ...rest] = file.split('/');
  if (top === 'kernels') return 'kernels';
  if (top !== 'src' || second === undefined) return undefined;
  return rest.length === 0 ? ENTRY : second;
}

function allows(fromRoom: string, target: string, typeOnly: boolean): boolean {
  const toRoom = roomOf(target);
  if (toRoom === undefined) return false;
  if (toRoom === fromRoom || fromRoom === 'cli') return true;
  if (fromRoom === ENTRY) return toRoom !== 'cli';
  if (MAY_IMPORT[fromRoom].includes(toRoom)) return true;
  return OPEN_FILES.some(
    (open) => open.from === fromRoom && open.to === target && (typeOnly || !open.typeOnly),
  );
}

/** The file an import leads to, or undefined for a package. */
function targetOf(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(posix.join(posix.dirname(file), specifier));
}

/** Imports that go uphill or sideways, leave the source tree, or name no `.ts` file; one line each. */
export function findForbiddenImports(graph: ImportGraph): string[] {
  const problems: string[] = [];
  for (const [file, imports] of graph) {
    const room = roomOf(file);
    if (room === undefined || (room !== ENTRY && room !== 'cli' && MAY_IMPORT[room] === undefined)) {
      problems.push(
        `${file}: the room '${room}' has no place in the import order; give it one in ${RULES_FILE}`,
      );
      continue;
    }
    for (const { specifier, typeOnly } of imports) {
      const target = targetOf(file, specifier);
      if (target === undefined) {
        if (room === 'kernels' && isBuiltin(specifier)) {
          problems.push(`${file} imports '${specifier}': kernels run in a browser too`);
        }
      } else if (!target.endsWith('.ts')) {
        problems.push(`${file} imports '${specifier}': a relative import ends in .ts`);
      } else if (!allows(room, target, typeOnly)) {
        const to = roomOf(target) ?? 'outside src/ and kernels/';
        problems.push(
          `${file} imports '${specifier}': ${room} may not import ${to}${openHint(room, target)}`,
        );
      }
    }
  }
  return problems;
}

function openHint(room: string, target: string): string {
  const open = OPEN_FILES.filter((entry) => entry.from === room && roomOf(entry.to) === roomOf(target));
  return open.map((entry) => ` (only ${entry.typeOnly ? 'types of ' : ''}${entry.to})`).join('');
}

/** Circles of files that import one another, types counted; one line each, naming the whole way round. */
export function findImportCycles(graph: ImportGraph): string[] {
  const cycles: string[] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push(`files import in a circle: ${[...path.slice(start), file].join(' -> ')}`);
      return;
    }
    if (finished.has(file)) return;
    path.push(file);
    for (const { specifier } of graph.get(file) ?? []) {
      const target = targetOf(file, specifier);
      if (target !== undefined && graph.has(target)) visit(target);
    }
    path.pop();
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}

/** Imports of Node's own modules in any file that `entry` leads to; each line names the way there. */
export function findNodeImports(graph: ImportGraph, entry: string): string[] {
  const problems: string[] = [];
  const wayTo = new Map<string, string>();
  const waiting: string[] = [];
  const reach = (file: string, way: string): void => {
    if (!graph.has(file) || wayTo.has(file)) return;
    wayTo.set(file, way);
    waiting.push(file);
  };
  reach(entry, entry);
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const way = wayTo.get(file) ?? file;
    for (const { specifier } of graph.get(file) ?? []) {
      const target = targetOf(file, specifier);
      if (target !== undefined) reach(target, `${way} -> ${target}`);
      else if (isBuiltin(specifier)) {
        problems.push(`${file} imports '${specifier}', but browsers reach it too: ${way}`);
      }
    }
  }
  return problems;
}

function lineAt(source: string, index: number): number {
  return source.slice(0, index).split('\n').length - 1;
}

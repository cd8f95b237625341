/**
 * Random graphs over the whole list of ops: each call takes its arguments from its own record's domain, most of them
 * results of earlier calls, so that values are shared and gradients meet. Between two ops stands `adapt`, which brings any
 * result into the shape and range that the next one asks for.
 */
import type fc from 'fast-check';
import { Random, randn, type Tensor } from '../../src/index.ts';
import type { ValueRange } from '../../src/ops/domain.ts';
import { adapt } from './adapt.ts';
import { Drawing } from './draw.ts';
import { type AnyOp, isFloating, mapTensors } from './op-case.ts';
import type { LawCase } from './op-laws.ts';
import { codeOf, functionCode, tensorCode } from './paste.ts';

/** How an argument comes from an earlier value. */
interface Use {
  /** Which of the graph's values. */
  readonly value: number;
  readonly view: (value: Tensor) => Tensor;
  readonly code: (name: string) => string;
}

/** A call; the tensors among `args` that `uses` does not list are constants. */
interface Call {
  readonly op: AnyOp;
  readonly args: readonly unknown[];
  readonly uses: ReadonlyMap<Tensor, Use>;
}

/** In the order in which they are made, each value is a leaf or the result of a call on earlier ones. */
type Node = { readonly leaf: Tensor } | Call;

export interface Graph extends LawCase {
  readonly names: readonly string[];
  /** How many calls stand above one another. */
  readonly depth: number;
  /** Every value at these leaves; `visit` sees each result as soon as it is made. */
  readonly values: (leaves: readonly Tensor[], visit?: (result: Tensor) => void) => Tensor[];
}

/** Hands out earlier values where an op asks for tensors, or draws new ones as ever. */
class GraphDrawing extends Drawing {
  readonly uses: Map<Tensor, Use> = new Map();
  readonly #given: readonly { x: Tensor; value: number }[];

  constructor(g: fc.GeneratorValue, given: readonly { x: Tensor; value: number }[]) {
    super(g);
    this.#given = given;
  }

  override tensor(shape: readonly number[], range: ValueRange = {}): Tensor {
    if (this.#given.length === 0 || this.integer(0, 3) === 0) return super.tensor(shape, range);
    // The latest value more often than others, or graphs would be broad and shallow.
    const { x, value } = this.boolean() ? this.pick(this.#given) : this.#given[this.#given.length - 1];
    const view = (given: Tensor): Tensor => adapt(given, shape, range);
    const result = view(x);
    this.uses.set(result, {
      value,
      view,
      code: (name) => `adapt(${name}, ${codeOf(shape)}, ${codeOf(range)})`,
    });
    return result;
  }
}

/**
 * Draws a graph of at most `maxCalls` calls, `maxDepth` above one another. Its function is Σ w · result over the results
 * that nothing else reads, for fixed weights w: one number that depends on every call.
 */
export function drawGraph(
  g: fc.GeneratorValue,
  ops: readonly (readonly [name: string, op: AnyOp])[],
  { maxCalls = 10, maxDepth = 8 } = {},
): Graph {
  const nodes: Node[] = [];
  const values: Tensor[] = [];
  const depths: number[] = [];
  const add = (node: Node, x: Tensor, depth: number): number => {
    nodes.push(node);
    values.push(x);
    depths.push(depth);
    return nodes.length - 1;
  };
  const choosing = new Drawing(g);
  const calls = choosing.integer(1, maxCalls);
  for (let i = 0; i < calls; i++) {
    const [, op] = choosing.pick(ops);
    const usable = values
      .map((x, value) => ({ x, value }))
      .filter(({ x, value }) => x.size > 0 && depths[value] < maxDepth);
    const drawing = new GraphDrawing(g, usable);
    const args = op.record.domain(drawing);
    const uses = new Map<Tensor, Use>();
    mapTensors(args, (x) => {
      if (!isFloating(x) || uses.has(x)) return x;
      const { leaf, layout } = drawing.drawn.get(x) ?? { leaf: x, layout: null };
      const fresh = (): Use => ({
        value: add({ leaf }, leaf, 0),
        view: layout?.view ?? ((given) => given),
        code: (name) => name + (layout?.code ?? ''),
      });
      uses.set(x, drawing.uses.get(x) ?? fresh());
      return x;
    });
    const depth = 1 + Math.max(0, ...[...uses.values()].map(({ value }) => depths[value]));
    add({ op, args, uses }, op(...(args as never[])), depth);
  }
  return graphOf(nodes, Math.max(...depths));
}

function graphOf(nodes: readonly Node[], depth: number): Graph {
  const read = new Set(
    nodes.flatMap((node) => ('leaf' in node ? [] : usesOf(node).map(({ value }) => value))),
  );
  const run: Graph['values'] = (leaves, visit = () => {}) => {
    const values: Tensor[] = [];
    let next = 0;
    for (const node of nodes) {
      if ('leaf' in node) {
        values.push(leaves[next++]);
        continue;
      }
      const views = new Map([...node.uses].map(([x, use]) => [x, use.view(values[use.value])]));
      const result = node.op(...(mapTensors(node.args, (x) => views.get(x) ?? x) as never[]));
      visit(result);
      values.push(result);
    }
    return values;
  };
  const f = (...leaves: Tensor[]): Tensor =>
    weightedSum(run(leaves).filter((_, i) => !('leaf' in nodes[i]) && !read.has(i)));
  const leaves = nodes.flatMap((node) => ('leaf' in node ? [node.leaf] : []));
  const names = nodes.flatMap((node) => ('leaf' in node ? [] : [node.op.record.name]));
  return { f, leaves, code: graphCode(nodes, read, leaves), names, depth, values: run };
}

function usesOf({ uses }: Call): Use[] {
  return [...uses.values()];
}

/** Σ w · x over the elements of all tensors, for weights w that are the same in every call. */
export function weightedSum(tensors: readonly Tensor[]): Tensor {
  return tensors
    .map((x, i) => x.mul(randn(x.shape, new Random(i), { dtype: 'float64', device: x.device })).sum())
    .reduce((sum, part) => sum.add(part));
}

/** The graph as two statements, as `functionCode` gives them for a single call. */
function graphCode(nodes: readonly Node[], read: ReadonlySet<number>, leaves: readonly Tensor[]): string {
  const name = (value: number): string => `x${value}`;
  const parameters = nodes.flatMap((node, i) => ('leaf' in node ? [name(i)] : []));
  const lines = nodes.flatMap((node, i) => {
    if ('leaf' in node) return [];
    const args = node.args.map((arg) =>
      codeOf(arg, (x) => {
        const use = node.uses.get(x);
        return use ? use.code(name(use.value)) : tensorCode(x);
      }),
    );
    return [`    const ${name(i)} = ${node.op.record.name}(${args.join(', ')});`];
  });
  const last = nodes.flatMap((node, i) => ('leaf' in node || read.has(i) ? [] : [name(i)]));
  const body = [...lines, `    return weightedSum([${last.join(', ')}]);`].join('\n');
  return functionCode(`(${parameters.join(', ')}) => {\n${body}\n  }`, leaves);
}

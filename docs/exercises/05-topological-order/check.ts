import fc from 'fast-check';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectSame, expectThat } from '../kit/expect.ts';
import type * as Solution from './solution.ts';
import type { Node } from './solution.ts';

/** A graph as text: each letter with the letters that it reads. The last is the output. */
const graphs = fc
  .array(fc.array(fc.nat(20), { maxLength: 2 }), { minLength: 1, maxLength: 7 })
  .map((rows) => ({
    graph: rows.map((inputs, i) => [letter(i), ...(i > 0 ? inputs.map((input) => letter(input % i)) : [])]),
  }));

const letter = (i: number): string => String.fromCharCode(97 + i);

/** The node of the last row. */
function build(graph: readonly (readonly string[])[]): Node {
  const made = new Map<string, Node>();
  for (const [name, ...inputs] of graph)
    made.set(name, { name, inputs: inputs.map((input) => made.get(input)!) });
  return made.get(graph[graph.length - 1][0])!;
}

/** What can be reached. */
function below(node: Node, found = new Set<Node>()): Set<Node> {
  if (!found.has(node)) for (const input of found.add(node) && node.inputs) below(input, found);
  return found;
}

const namesOf = (nodes: readonly Node[]): string[] => nodes.map(({ name }) => name);

/** So many diamonds on one another: 2^depth paths lead through them. Counts how often somebody asks for inputs. */
function ladder(depth: number): { output: Node; asked: () => number } {
  let count = 0;
  const counted = (name: string, inputs: readonly Node[]): Node => ({
    name,
    get inputs() {
      if (++count > 100 * depth)
        expectThat(false, 'how often inputs are asked for', 'a few times a node', count);
      return inputs;
    },
  });
  let output = counted('bottom', []);
  for (let i = 0; i < depth; i++) {
    output = counted(`top ${i}`, [counted(`left ${i}`, [output]), counted(`right ${i}`, [output])]);
  }
  return { output, asked: () => count };
}

export default exercise<typeof Solution>({
  title: 'A topological order',
  chapter: 2,
  task: 'List the nodes of a graph so that each comes before all that it was computed from.',
  laws: ({ backwardOrder }) => [
    example('c = f(b), b = f(a): c, b, a', () => {
      expectSame('the names', namesOf(backwardOrder(build([['a'], ['b', 'a'], ['c', 'b']]))), [
        'c',
        'b',
        'a',
      ]);
    }),
    example('d reads a and c, c reads a: a comes last, though d reads it at once', () => {
      const graph = build([['a'], ['c', 'a'], ['d', 'a', 'c']]);
      expectSame('the names', namesOf(backwardOrder(graph)), ['d', 'c', 'a']);
    }),
    law('every node that can be reached is there, once', graphs, ({ graph }) => {
      const output = build(graph);
      const names = namesOf(backwardOrder(output));
      expectSame('the names, sorted', names.toSorted(), namesOf([...below(output)]).toSorted());
    }),
    law('every node comes before its inputs', graphs, ({ graph }) => {
      const order = backwardOrder(build(graph));
      for (const node of order) {
        for (const input of node.inputs) {
          const right = order.indexOf(node) < order.indexOf(input);
          expectThat(right, 'the order', `${node.name} before ${input.name}, which it reads`, namesOf(order));
        }
      }
    }),
    example('40 diamonds on one another have 121 nodes, and 2^40 paths: each node is looked at once', () => {
      expectSame('how many nodes', backwardOrder(ladder(40).output).length, 121);
    }),
  ],
});

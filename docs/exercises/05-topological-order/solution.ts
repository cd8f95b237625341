/** A result in a graph, and the results it was computed from. */
export interface Node {
  readonly name: string;
  readonly inputs: readonly Node[];
}

/**
 * Everything that `output` was computed from, itself included: each node once, and before all of its inputs, so that a walk
 * along the list has heard from every reader of a node before it comes to it.
 */
export function backwardOrder(output: Node): Node[] {
  // #region yours
  const finished: Node[] = [];
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const input of node.inputs) visit(input);
    finished.push(node); // after everything below it
  };
  visit(output);
  return finished.reverse();
  // #endregion
}

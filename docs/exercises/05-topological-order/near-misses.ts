import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import type { Node } from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'a node is listed before its inputs are visited',
    backwardOrder(output) {
      const seen = new Set<Node>();
      const visit = (node: Node): void => {
        if (!seen.has(node)) for (const input of seen.add(node) && node.inputs) visit(input);
      };
      visit(output);
      return [...seen];
    },
  },
  {
    mistake: 'level by level',
    backwardOrder(output) {
      const order = [output];
      for (const node of order)
        for (const input of node.inputs) if (!order.includes(input)) order.push(input);
      return order;
    },
  },
  {
    mistake: 'the order of the forward',
    backwardOrder(output) {
      const order: Node[] = [];
      const visit = (node: Node): void => {
        for (const input of node.inputs) if (!order.includes(input)) visit(input);
        order.push(node);
      };
      visit(output);
      return [...new Set(order)];
    },
  },
  {
    mistake: 'right, along every path anew',
    backwardOrder(output) {
      const order: Node[] = [];
      const visit = (node: Node): void => {
        for (const input of node.inputs) visit(input);
        if (!order.includes(node)) order.push(node);
      };
      visit(output);
      return order.reverse();
    },
  },
]);

/** hop-24: the table of its tasks. */
import { hop, index, largest, lookup, recall } from './lookups.ts';
import type { Task } from './question.ts';
import { agreement, cloze, negation } from './sentences.ts';
import { count, majority, repeated, same } from './sets.ts';
import { copy, reverse, select, sort } from './strings.ts';
import { cycle, dyck, moves, swaps } from './structure.ts';
import { compare, marked, modular, parity } from './sums.ts';

export const hop24: readonly Task[] = [
  ...[copy, reverse, sort, select],
  ...[lookup, recall, hop, index, largest],
  ...[repeated, same, majority, count],
  ...[parity, modular, marked, compare],
  ...[dyck, cycle, swaps, moves],
  ...[negation, agreement, cloze],
];

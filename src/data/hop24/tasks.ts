/**
 * hop-24: the table of its tasks.
 *
 * They are made for models of some 100,000 parameters that see each task a few thousand times. So a question is short, and
 * says its answer right behind what it asks for; many hold earlier questions with their answers, so that there is more to
 * learn from. All but two tasks of English take 16 characters with their answer (a first word that names the task fills
 * them up): every part then stands at the same places, and a model with learned positions learns them once for all tasks.
 */
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

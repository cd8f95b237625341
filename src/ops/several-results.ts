/**
 * Functions with more than one result. They are no ops but are written from ops, so their results can be
 * differentiated like any other; `sortValues` and `topkValues` in index.ts give the first result alone.
 */
export { type Sorted, type SortOptions, sort } from './sort.ts';
export { split } from './split.ts';
export { type TopkOptions, topk } from './topk.ts';

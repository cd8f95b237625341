import { parseHTML } from 'linkedom';
import type { FigureDocument } from './figures/figure.ts';

/** A document to draw figures with where there is no browser. Only what runs in Node alone imports this file. */
export function createDocument(): FigureDocument {
  return parseHTML('<!doctype html><html><body></body></html>').document;
}

/** Results of one model at one place of the grid, seed by seed. */
import type { CellResult } from './types.ts';

export interface Group {
  /** As the paper writes it: `learned-b (12, 25%)`, `dense (3)`. */
  name: string;
  model: string;
  layers: number;
  density: number;
  /** By rising seed; at least one. */
  cells: CellResult[];
}

/** Cells by model, layers and density, in this order, dense models first and random gates second. */
export function groupCells(cells: readonly CellResult[]): Group[] {
  const groups = new Map<string, Group>();
  for (const cell of [...cells].sort((a, b) => a.seed - b.seed)) {
    const { model, layers, density } = cell;
    const name = rowName(model, layers, density);
    const group = groups.get(name) ?? { name, model, layers, density, cells: [] };
    group.cells.push(cell);
    groups.set(name, group);
  }
  return [...groups.values()].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      Number(a.model > b.model) - Number(a.model < b.model) ||
      a.layers * a.density - b.layers * b.density ||
      a.layers - b.layers,
  );
}

/** `learned-b (12, 25%)`; `dense (3)` where every layer runs. */
export function rowName(model: string, layers: number, density: number): string {
  return density === 1 ? `${model} (${layers})` : `${model} (${layers}, ${+(100 * density).toFixed(1)}%)`;
}

function rank({ model }: Group): number {
  const first = ['dense', 'random', 'learned-b', 'learned-a'];
  return first.includes(model) ? first.indexOf(model) : first.length;
}

/** A value of every cell, by seed. */
export function bySeed(group: Group, value: (cell: CellResult) => number): Map<number, number> {
  return new Map(group.cells.map((cell) => [cell.seed, value(cell)]));
}

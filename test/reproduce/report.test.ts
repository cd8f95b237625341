import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeReproductionReport } from '../../src/reproduce/report.ts';
import type { CellResult, Timings } from '../../src/reproduce/types.ts';
import { fakeCell, fakeGrid, fakeTimings } from './fake-cells.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hopgrad-report-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function leave(cells: readonly CellResult[], timings?: Timings): void {
  for (const cell of cells) writeFileSync(join(folder, `${cell.cell}.json`), JSON.stringify(cell));
  if (timings) writeFileSync(join(folder, 'timing.json'), JSON.stringify(timings));
}

const figures = (): string[] => readdirSync(join(folder, 'figures')).sort();

describe('writeReproductionReport', () => {
  it('writes a page, tables and every figure from what lies in the folder, the same each time', () => {
    const cells = fakeGrid(2);
    leave(cells, fakeTimings(cells));
    const files = writeReproductionReport(folder);
    expect(figures()).toEqual([
      'density-per-layer.svg',
      'kinds.svg',
      'learned-vs-random.svg',
      'loss-near-dense.svg',
      'loss-over-decode-time.svg',
      'loss-over-flops.svg',
      'methods.svg',
      'score-over-flops.svg',
      'training-speed.svg',
      'words.svg',
    ]);
    expect(files.slice(0, 2)).toEqual([join(folder, 'report.html'), join(folder, 'table.md')]);
    expect(files.slice(2).sort()).toEqual(figures().map((name) => join(folder, 'figures', name)));
    const before = files.map((file) => readFileSync(file, 'utf8'));
    writeReproductionReport(folder);
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(before);
  });

  it('repeats what was asked for, and takes damaged timings for none', () => {
    leave([fakeCell({ model: 'dense', layers: 3 })]);
    const asked = { quick: true, seed: 0, seeds: 1, steps: 800, questions: 50 };
    writeFileSync(join(folder, 'grid.json'), JSON.stringify(asked));
    writeFileSync(join(folder, 'timing.json'), '{}');
    writeReproductionReport(folder);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('Everything: <code>hopgrad reproduce --quick --seeds 1');
    expect(readFileSync(join(folder, 'table.md'), 'utf8')).toContain('- Missing: speeds were not taken');
  });

  it('does with part of the grid and without speeds, and says what is missing', () => {
    leave([fakeCell({ model: 'dense', layers: 3 })]);
    writeReproductionReport(folder, ['dense-3x32-seed0', 'learned-b-6x32-p50-seed0']);
    expect(figures()).toEqual(['loss-over-flops.svg', 'methods.svg', 'score-over-flops.svg']);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('1 of 2 models of the grid are not trained: learned-b-6x32-p50-seed0');
    expect(readFileSync(join(folder, 'table.md'), 'utf8')).toContain('- Missing: speeds were not taken');
  });

  it('refuses a folder without results, and passes over what is none', () => {
    expect(() => writeReproductionReport(join(folder, 'nowhere'))).toThrow(
      /holds no results yet; make them with/,
    );
    leave([fakeCell({ model: 'dense', layers: 3 })]);
    writeFileSync(join(folder, 'notes.json'), '{}');
    expect(() => writeReproductionReport(folder)).not.toThrow();
  });
});

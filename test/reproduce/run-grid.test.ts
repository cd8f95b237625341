import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resultFile, runPath } from '../../src/reproduce/cell-files.ts';
import type { Cell } from '../../src/reproduce/grid.ts';
import type { GridState } from '../../src/reproduce/progress.ts';
import { loadRun } from '../../src/train/load-run.ts';
import { freshPath } from '../train/tiny.ts';
import { figuresOf, runTiny, tinyCell } from './tiny-grid.ts';

const cells = [tinyCell('dense'), tinyCell('learned-b'), tinyCell('early-exit'), tinyCell('random', 1)];
const names = cells.map(({ name }) => name);

describe('a grid', () => {
  test('runs to the end, leaves a file per cell and nothing else, and does nothing when there is nothing to do', async () => {
    const folder = freshPath();
    const finished: string[] = [];
    const states: GridState[] = [];
    const outcome = await runTiny(cells, folder, {
      onFinished: ({ cell }) => finished.push(cell),
      onState: (state) => states.push(state),
    });
    expect(outcome.finished.map(({ cell }) => cell)).toEqual(names);
    expect(outcome).toMatchObject({ failed: [], missing: [] });
    expect([...finished].sort()).toEqual([...names].sort());
    expect(readdirSync(folder).sort()).toEqual([...names.map((name) => `${name}.json`), 'runs'].sort());
    expect(readdirSync(join(folder, 'runs'))).toEqual([]);
    expect(states.at(-1)).toEqual({ done: 4, of: 4, running: [], failed: 0, secondsLeft: 0 });
    expect(Math.max(...states.map(({ running }) => running.length))).toBe(2);

    const begun: number[][] = [];
    const again = await runTiny(cells, folder, {
      start: () => Promise.reject(new Error('there was nothing to do')),
      onBegin: (done, of) => begun.push([done, of]),
    });
    expect(again).toEqual(outcome);
    expect(begun).toEqual([[4, 4]]);
  });

  test('a cell tells what it measured', async () => {
    const folder = freshPath();
    const { finished } = await runTiny(cells, folder);
    for (const result of finished) {
      expect(result.tasks).toHaveLength(24);
      expect(result.tasks.every(({ questions }) => questions === 2)).toBe(true);
      expect(result).toMatchObject({
        command: 'by hand',
        layers: 2,
        training: { seconds: expect.any(Number) },
      });
      expect(result.text.kinds.length).toBeGreaterThan(2);
      expect(result.text.words[0]).toMatchObject({ token: expect.any(String), count: expect.any(Number) });
      expect(result.config.model.vocabularySize).toBeLessThan(256); // that of the text
    }
    const [dense, learned, exit] = finished;
    expect(dense.text).toMatchObject({ layersPerToken: 2, densityPerLayer: [], lossDepthCorrelation: null });
    expect(dense.text.flopsPerToken).toBe(dense.text.denseFlopsPerToken);
    expect(learned.text.densityPerLayer).toHaveLength(2);
    expect(learned.text.layersPerToken).toBeCloseTo(
      learned.text.densityPerLayer.reduce((sum, density) => sum + density),
      9,
    );
    expect(learned.text.flopsPerToken).toBeLessThan(learned.text.denseFlopsPerToken);
    expect(exit.text.layersPerToken).toBeCloseTo(1.5, 1); // of its threshold
    expect(exit.exitThreshold).toBeGreaterThan(0);
    expect(learned.exitThreshold).toBeUndefined();
  });

  test('what is stopped at any moment is continued, with the same figures as undisturbed', async () => {
    const [undisturbed, disturbed] = [freshPath(), freshPath()];
    await runTiny(cells, undisturbed);
    let starts = 0;
    for (let missing = cells.length; missing > 0; starts++) {
      const controller = new AbortController();
      let steps = 0;
      const outcome = await runTiny(cells, disturbed, {
        signal: controller.signal,
        onState: () => {
          if (++steps === 12 * (starts + 1)) controller.abort(); // measuring is not taken up in its middle
        },
      });
      expect(outcome.failed).toEqual([]);
      missing = outcome.missing.length;
    }
    expect(starts).toBeGreaterThan(3);
    for (const cell of cells) expect(figuresOf(disturbed, cell)).toEqual(figuresOf(undisturbed, cell));
    expect(existsSync(join(disturbed, 'lock'))).toBe(false);
  });

  test('a cell that fails is told of, and the others go on', async () => {
    const folder = freshPath();
    const wrong: Cell = { ...cells[1], config: { ...cells[1].config, data: '/nowhere.txt' } };
    const told: string[] = [];
    const outcome = await runTiny([cells[0], wrong, cells[3]], folder, {
      onFailed: ({ message }) => told.push(message),
    });
    expect(outcome.finished.map(({ cell }) => cell)).toEqual([cells[0].name, cells[3].name]);
    expect(outcome.failed).toEqual([{ cell: wrong.name, message: expect.stringContaining('/nowhere.txt') }]);
    expect(told).toEqual([outcome.failed[0].message]);
    expect(outcome.missing).toEqual([]);
  });

  test('a start that ends without a result has failed', async () => {
    const { failed } = await runTiny([cells[0]], freshPath(), { start: async () => {} });
    expect(failed).toEqual([{ cell: cells[0].name, message: 'it ended without a result' }]);
  });
});

describe('results of another recipe', () => {
  const changed: Cell = {
    ...cells[0],
    config: { ...cells[0].config, training: { ...cells[0].config.training, steps: 7, lambda: 3 } },
  };
  const nothing = { start: () => Promise.reject(new Error('something was begun')) };

  test('are refused before anything runs, finished or not', async () => {
    const folder = freshPath();
    await runTiny([cells[0]], folder);
    const why = 'is of another recipe (training.steps 6, not 7; training.lambda 1, not 3)';
    const remedy = 'delete it to train it again, or give another --out';
    await expect(runTiny([cells[3], changed], folder, nothing)).rejects.toThrow(
      `${resultFile(folder, changed)} ${why}; ${remedy}`,
    );

    const half = freshPath();
    const controller = new AbortController();
    await runTiny([cells[0]], half, { signal: controller.signal, onState: () => controller.abort() });
    expect(existsSync(resultFile(half, cells[0]))).toBe(false);
    await expect(runTiny([cells[3], changed], half, nothing)).rejects.toThrow(
      `${runPath(half, changed)} ${why}; ${remedy}`,
    );
  });

  test('are refused for other cells too', async () => {
    const folder = freshPath();
    const { finished } = await runTiny([cells[0]], folder);
    const cell = 'dense-2x16-seed0';
    writeFileSync(resultFile(folder, { name: cell }), JSON.stringify({ ...finished[0], cell }));
    await runTiny([cells[0]], folder, nothing); // of the same recipe
    const { training } = cells[3].config;
    const longer = { ...cells[3], config: { ...cells[3].config, training: { ...training, steps: 7 } } };
    await expect(runTiny([longer], folder, nothing)).rejects.toThrow(
      `${resultFile(folder, { name: cell })} is of another recipe (training.steps 6, not 7)`,
    );
  });

  test('have to go with what is left of their training', async () => {
    const folder = freshPath();
    await runTiny([cells[0]], folder, { keep: 'weights' });
    await expect(runTiny([changed], folder, nothing)).rejects.toThrow(
      `delete it and ${runPath(folder, changed)} to train it again`,
    );
  });

  test('so are those of other questions, and damaged ones', async () => {
    const folder = freshPath();
    await runTiny([cells[0]], folder);
    const file = resultFile(folder, cells[0]);
    await expect(runTiny([cells[0]], folder, { questions: 9 })).rejects.toThrow(
      `${file} was measured on 2 questions a task, not 9; delete it, give --questions 2, or another --out`,
    );
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100));
    await expect(runTiny([cells[0]], folder)).rejects.toThrow('does not hold a JSON object');
  });
});

describe('the folder of a training', () => {
  const [cell] = cells;
  const left = (folder: string): string[] => readdirSync(runPath(folder, cell)).sort();

  test('keeps the weights, or all of it, if asked to', async () => {
    const folder = freshPath();
    await runTiny([cell], folder, { keep: 'weights' });
    expect(left(folder)).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
    expect(loadRun(runPath(folder, cell)).config.training.steps).toBe(6);
    const whole = freshPath();
    await runTiny([cell], whole, { keep: 'all' });
    expect(left(whole)).toContain('checkpoint.safetensors');
    expect(left(whole)).toContain('metrics.jsonl');
  });

  test('a cell whose file was deleted is trained anew, though weights are left', async () => {
    const folder = freshPath();
    await runTiny([cell], folder, { keep: 'weights' });
    const before = figuresOf(folder, cell);
    rmSync(resultFile(folder, cell));
    await runTiny([cell], folder, { keep: 'weights' });
    expect(figuresOf(folder, cell)).toEqual(before);
  });
});

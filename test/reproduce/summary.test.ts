import { describe, expect, it } from 'vitest';
import { meanInterval } from '../../src/reproduce/statistics.ts';
import { summarize } from '../../src/reproduce/summary.ts';
import { fakeCell, fakeGrid, fakeTimings } from './fake-cells.ts';

describe('rows', () => {
  const cells = [0, 1, 2].map((seed) => fakeCell({ model: 'learned-b', layers: 12, density: 0.25, seed }));
  const [row] = summarize(cells, null).rows;

  it('are means over the seeds, in any order of the files', () => {
    expect(row).toMatchObject({ name: 'learned-b (12, 25%)', layers: 12, density: 0.25 });
    expect(row.loss).toEqual(meanInterval(cells.map(({ text }) => text.loss)));
    expect(row.seeds.map(({ seed }) => seed)).toEqual([0, 1, 2]);
    expect(summarize([...cells].reverse(), null).rows[0]).toEqual(row);
  });

  it('keep scores in exact match, in accuracy and above chance apart', () => {
    const [copy] = cells[0].tasks;
    expect(copy.metric).toBe('exact match');
    const one = summarize([cells[0]], null).rows[0];
    const of = (metric: string) =>
      cells[0].tasks.filter((task) => task.metric === metric).map(({ score }) => score);
    expect(one.exactMatch!.mean).toBeCloseTo(meanInterval(of('exact match')).mean, 12);
    expect(one.accuracy!.mean).toBeCloseTo(meanInterval(of('accuracy')).mean, 12);
    const above = cells[0].tasks.map(({ score, chance }) => score - chance);
    expect(one.points!.mean).toBeCloseTo(meanInterval(above).mean, 12);
    expect(one.tasks.copy.mean).toBe(copy.score);
  });

  it('come by model, dense ones first, and by effective depth', () => {
    const names = summarize(fakeGrid(1), null).rows.map(({ name }) => name);
    expect(names.slice(0, 8)).toEqual([
      ...[2, 3, 4, 5, 6, 8].map((layers) => `dense (${layers})`),
      'random (12, 12.5%)',
      'random (6, 50%)',
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('take words and layers over the seeds', () => {
    const whale = cells.map(({ text }) => text.words.find(({ token }) => token === 'whale')!);
    const mean = row.words.find(({ token }) => token === 'whale')!;
    expect(mean.count).toBe(whale[0].count);
    expect(mean.meanLayers).toBeCloseTo(meanInterval(whale.map(({ meanLayers }) => meanLayers)).mean, 12);
    expect(row.densityPerLayer).toHaveLength(12);
  });

  it('stand beside their dense twins where both were timed', () => {
    const timings = fakeTimings(cells);
    const timed = summarize(cells, timings).rows[0].timing!;
    const twin = timings.rows.find(({ model }) => model === 'dense')!;
    expect(timed.twin!.trainingTokensPerSecond).toBe(twin.trainingTokensPerSecond);
    expect(timed.twin!.trainingFlopsRatio).toBeGreaterThan(1);
    const alone = { ...timings, rows: timings.rows.filter(({ model }) => model !== 'dense') };
    expect(summarize(cells, alone).rows[0].timing!.twin).toBeNull();
  });
});

describe('what is missing', () => {
  const cells = fakeGrid(2);

  it('is nothing where all is there', () => {
    expect(
      summarize(
        cells,
        fakeTimings(cells),
        cells.map(({ cell }) => cell),
      ).missing,
    ).toEqual([]);
  });

  it('is said: models, seeds, tasks, speeds', () => {
    const some = cells.slice(0, -1).map((cell, i) => (i === 0 ? { ...cell, tasks: [] } : cell));
    expect(
      summarize(
        some,
        null,
        cells.map(({ cell }) => cell),
      ).missing,
    ).toEqual([
      `1 of ${cells.length} models of the grid are not trained: feed-forward-only-6x32-p50-seed1`,
      'fewer seeds than the others (0, 1): feed-forward-only (6, 50%)',
      'hop-24 was not asked: dense-2x32-seed0',
      'speeds were not taken (hopgrad reproduce --timing takes them)',
    ]);
  });

  it('is every interval where there is one seed', () => {
    const { missing, claims } = summarize(fakeGrid(1), null);
    expect(missing).toContain('seed 0 alone: differences have no interval, so no claim is tested');
    expect(new Set(claims.map(({ verdict }) => verdict))).toEqual(new Set(['not tested']));
  });
});

describe('origin', () => {
  it('is one line for each place, with its days', () => {
    const [a, b, c] = fakeGrid(1);
    const later = { ...b, origin: { ...b.origin, date: '2024-05-03T01:00:00.000Z' } };
    const elsewhere = { ...c, origin: { ...c.origin, node: 'v20.0.0' } };
    expect(summarize([later, a, elsewhere], fakeTimings([a])).origins).toEqual([
      '2 models: hopgrad 0.1.0, Node 24.1.0, 2 cores, made-up processor, linux x64; 2024-05-01 to 2024-05-03',
      '1 model: hopgrad 0.1.0, Node 20.0.0, 2 cores, made-up processor, linux x64; 2024-05-01',
      'speeds: hopgrad 0.1.0, Node 24.1.0, 2 cores, made-up processor, linux x64; 1 thread; 2024-05-01',
    ]);
  });
});

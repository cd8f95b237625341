import { describe, expect, test } from 'vitest';
import type { DepthAnalysis } from '../../src/evaluate/depth-analysis.ts';
import type { MarkUsage } from '../../src/evaluate/layers-per-mark.ts';
import { textFile } from '../train/tiny.ts';
import { hopgradHere, tinyTraining } from './run-cli.ts';

interface Result {
  loss: number;
  perplexity: number;
  tokens: number;
  densityArgmaxPerLayer: number[];
  analysis?: DepthAnalysis & { marks: MarkUsage[] | null };
}

/** What `eval` says of a run, in words and as JSON. */
async function evaluated(...args: string[]): Promise<{ words: string; json: Result }> {
  const words = await hopgradHere(['eval', ...args]);
  const json = await hopgradHere(['eval', ...args, '--json']);
  expect([words.status, json.status, words.stderr]).toEqual([0, 0, '']);
  return { words: words.stdout, json: JSON.parse(json.stdout) };
}

test('eval gives the perplexity, e to the loss', async () => {
  const { folder } = await tinyTraining();
  const { words, json } = await evaluated('--run', folder);
  expect(json.perplexity).toBeCloseTo(Math.exp(json.loss), 10);
  expect(words).toContain(`perplexity          ${json.perplexity.toFixed(2)}\n`);
  expect(json).not.toHaveProperty('analysis');
});

describe('eval --analysis', () => {
  test('shows kinds, words, the correlation, and the marks of hop-24 where the run was trained on it', async () => {
    const { folder } = await tinyTraining('--hop24', '0.5', '--data', textFile(4000));
    const { words, json } = await evaluated('--run', folder, '--analysis');
    const { kinds, mostSkipped, lossDepthCorrelation, densityPerLayer, marks, tokens } = json.analysis!;
    expect(tokens).toBe(json.tokens);
    // All that fits into whole texts was measured, so both have read the same.
    densityPerLayer.forEach((share, layer) => {
      expect(share).toBeCloseTo(json.densityArgmaxPerLayer[layer], 6);
    });
    expect(words).toContain('Layers of 2, over');
    for (const { token, meanLayers, count } of kinds) {
      expect(words).toMatch(new RegExp(`^  ${token} +${meanLayers.toFixed(2)} +${count}$`, 'm'));
    }
    expect(mostSkipped.length).toBeGreaterThan(0);
    expect(words).toContain(mostSkipped[0].token);
    expect(words).toContain(`correlation ${lossDepthCorrelation!.toFixed(3)} `);
    expect(marks!.map(({ token }) => token)).toEqual(['.', '!', '?']);
    for (const { token, meaning, meanLoss } of marks!) {
      expect(words).toContain(`  ${token} ${meaning}`);
      expect(words).toContain(` ${meanLoss.toFixed(3)} `);
    }
    const other = await evaluated('--run', folder, '--analysis', '--seed', '1');
    expect(other.json.analysis!.kinds).toEqual(kinds);
    expect(other.json.analysis!.marks).not.toEqual(marks);
  });

  test('of a dense run without hop-24 has no correlation and no marks, and says so', async () => {
    const { folder } = await tinyTraining('--router', 'none');
    const { words, json } = await evaluated('--run', folder, '--analysis');
    expect(json.analysis).toMatchObject({ lossDepthCorrelation: null, marks: null, mostSkipped: [] });
    expect(words).toContain('no correlation: all tokens run equally many layers');
    expect(words).not.toContain('hop-24');
  });

  test('does not go with --tasks', async () => {
    const { status, stderr } = await hopgradHere(['eval', '--run', '.', '--tasks', '.', '--analysis']);
    expect([status, stderr]).toEqual([
      1,
      "error: option '--tasks <dir>' cannot be used with option '--analysis'\n",
    ]);
  });
});

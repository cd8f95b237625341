import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  colourByLayers,
  type Progress,
  progressLine,
  skipMapText,
  summaryTable,
  usageTable,
} from '../../src/report/terminal.ts';
import { columns, wrapTokens } from '../../src/report/terminal-text.ts';
import type { SkipMap } from '../../src/report/types.ts';
import { fakeReport, fakeSkipMap, fakeUsages } from './fixture.ts';

const ESCAPE = '\x1b';
const empty: SkipMap = { tokens: [], active: [[], []] };
const small: SkipMap = {
  tokens: ['A', ' ', 'b', '\n', '<'],
  active: [
    [true, false, true, false, true],
    [true, false, false, false, true],
    [true, true, false, false, false],
  ],
};

describe('progressLine', () => {
  const progress: Progress = {
    step: 1200,
    steps: 5000,
    loss: 1.532,
    bitsPerCharacter: 2.21,
    density: 0.512,
    densityTarget: 0.5,
    tokensPerSecond: 12_300,
    etaSeconds: 125,
    valLoss: 1.6,
  };

  it('holds all there is to know', () => {
    expect(progressLine(progress)).toBe(
      '1200/5000  ━╌╌╌╌  loss 1.532   2.21 bits/char  val 1.600  density  51%/50%  12.3k tok/s   2m05s left',
    );
  });

  it('keeps every field in its place from the first step to the last', () => {
    const first = progressLine({
      ...progress,
      step: 1,
      valLoss: undefined,
      density: 1,
      loss: 10.04,
      etaSeconds: 9999,
    });
    const last = progressLine({
      ...progress,
      step: 5000,
      bitsPerCharacter: 14.4,
      tokensPerSecond: 950,
      etaSeconds: 0,
    });
    for (const field of ['loss', 'bits/char', 'val', 'density', 'tok/s', 'left']) {
      expect(first.indexOf(field), field).toBe(last.indexOf(field));
    }
    expect(first).toContain('╌╌╌╌╌');
    expect(last).toContain('━━━━━');
  });

  it('fits in 100 columns and never says NaN, whatever happens', () => {
    const any = fc.oneof(fc.double(), fc.integer({ min: 0, max: 1e7 }));
    fc.assert(
      fc.property(fc.tuple(any, any, any, any, any, any, fc.option(any, { nil: undefined })), (values) => {
        const [loss, bitsPerCharacter, density, densityTarget, tokensPerSecond, etaSeconds, valLoss] = values;
        const line = progressLine({
          step: 12,
          steps: 1_000_000,
          ...{ loss, bitsPerCharacter, density, densityTarget, tokensPerSecond, etaSeconds, valLoss },
        });
        expect(columns(line)).toBeLessThanOrEqual(100);
        expect(line).not.toMatch(/NaN|Infinity|undefined|\n/);
      }),
    );
    expect(progressLine({ ...progress, step: 0, steps: 0 })).not.toContain('NaN');
  });
});

describe('colourByLayers', () => {
  it('writes the layers used below the text where there is no colour', () => {
    expect(colourByLayers(small, { colour: false }).split('\n')).toEqual([
      'A b⏎',
      '3110',
      '<',
      '2',
      '',
      'Below each token: layers used, of 3.',
    ]);
  });

  it('paints each token by its layers and explains the colours', () => {
    const text = colourByLayers(small, { colour: true });
    expect(stripVTControlCharacters(text).split('\n')).toEqual([
      'A b⏎',
      '<',
      '',
      'layers used:  0  1  2  3 ',
    ]);
    const paintOf = (shown: string): string =>
      text
        .slice(0, text.indexOf(`m${shown}${ESCAPE}[0m`))
        .split(ESCAPE)
        .at(-1)!;
    expect(paintOf('A')).toBe(paintOf(' 3 '));
    expect(paintOf('⏎')).toBe(paintOf(' 0 '));
    expect(paintOf('<')).toBe(paintOf(' 2 '));
    expect(new Set(['A', ' ', '⏎', '<'].map(paintOf)).size).toBe(4);
  });

  it('aligns digits with tokens of several and of double-width characters', () => {
    const map: SkipMap = { tokens: ['the', ' whale', '鯨', 's'], active: [[true, false, true, true]] };
    expect(colourByLayers(map, { colour: false }).split('\n').slice(0, 2)).toEqual([
      'the whale鯨s',
      '1  0     1 1',
    ]);
  });

  it('stays within the width and breaks after spaces', () => {
    const text = colourByLayers(fakeReport().sample, { colour: false, width: 40 });
    const lines = text.split('\n').slice(0, -2);
    expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(40);
    expect(lines[0]).toBe('"Why, thou dost see the whale," said');
    const deep = fakeSkipMap('deep', 64, 1);
    expect(
      stripVTControlCharacters(colourByLayers(deep, { colour: true }))
        .split('\n')
        .at(-1)!.length,
    ).toBeLessThan(80);
  });

  it('takes an empty text and a model without layers', () => {
    expect(colourByLayers(empty, { colour: false })).toBe('\nBelow each token: layers used, of 2.');
    expect(colourByLayers({ tokens: ['a'], active: [] }, { colour: true })).toContain('a');
  });

  it('names the layer whose length is wrong', () => {
    expect(() => colourByLayers({ tokens: ['a'], active: [[true], []] }, { colour: false })).toThrow(
      'skip map: layer 2 has 0 entries for 1 tokens; give one for each',
    );
  });
});

describe('skipMapText', () => {
  it('puts layer 1 at the bottom and the tokens below it', () => {
    expect(skipMapText(small, { colour: false }).split('\n')).toEqual([
      '3 ██···',
      '2 █···█',
      '1 █·█·█',
      '  A␣b⏎<',
      '',
      '█ layer ran  · skipped  (layer 1 at the bottom)',
    ]);
  });

  it('shows the same with colour, and no escape code without', () => {
    const coloured = skipMapText(small, { colour: true });
    expect(coloured).toContain(ESCAPE);
    expect(stripVTControlCharacters(coloured)).toBe(skipMapText(small, { colour: false }));
    expect(skipMapText(small, { colour: false })).not.toContain(ESCAPE);
  });

  it('wraps to the width', () => {
    const map = fakeSkipMap('a long text that will not fit', 12, 1);
    const lines = skipMapText(map, { colour: false, width: 20 }).split('\n').slice(0, -1);
    expect(Math.max(...lines.map(columns))).toBe(20);
    expect(lines.filter((line) => line.startsWith('12 ')).length).toBe(2);
    expect(skipMapText(empty, { colour: false })).toBe('█ layer ran  · skipped  (layer 1 at the bottom)');
  });
});

describe('wrapTokens', () => {
  it('puts every token on exactly one line, in order, within the width', () => {
    const token = fc.constantFrom('a', ' ', 'word', ' the', '\n', '鯨');
    fc.assert(
      fc.property(fc.array(token), fc.integer({ min: 4, max: 12 }), fc.boolean(), (tokens, width, asText) => {
        const lines = wrapTokens(tokens, width, asText);
        expect(lines.flatMap(([start, end]) => tokens.slice(start, end))).toEqual(tokens);
        for (const [start, end] of lines) {
          expect(end).toBeGreaterThan(start);
          const shown = tokens.slice(start, end).join('').replaceAll('\n', '⏎');
          expect(columns(shown)).toBeLessThanOrEqual(width);
          if (asText) expect(tokens.slice(start, end - 1)).not.toContain('\n');
        }
      }),
    );
  });
});

describe('usageTable', () => {
  it('sets the deepest beside the shallowest, never a token on both sides', () => {
    expect(usageTable(fakeUsages(['whale', '鯨', '\n', ' '], 6), { colour: false }).split('\n')).toEqual([
      'use most layers         skip most',
      'token  layers  count    token  layers  count',
      'whale    5.28     12    ␣        0.96    123',
      '鯨       3.84     49    ⏎        2.40     86',
    ]);
    const odd = usageTable(fakeUsages(['a', 'b', 'c'], 6), { colour: false, count: 1 });
    expect(odd.split('\n')).toHaveLength(3);
    expect(odd).not.toMatch(/\bb\b/);
  });

  it('takes an empty list, and one token', () => {
    expect(usageTable([], { colour: false }).split('\n')).toHaveLength(2);
    expect(
      usageTable(fakeUsages(['a'], 2), { colour: false })
        .split('\n')
        .slice(2),
    ).toEqual(['a        1.76     12']);
  });
});

describe('summaryTable', () => {
  const { summary } = fakeReport();

  it('aligns labels, values and notes, and ends with the warnings', () => {
    const lines = summaryTable(summary, { colour: false }).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'held-out loss       1.482  nats per token',
      'bits per character  2.138  1.392 below the bigram entropy of 3.530',
      `training loss       ${summary.trainLoss.toFixed(3)}  nats per token, last step`,
      'FLOPs per token     1.28M  54.2% of 2.37M with every layer on',
      'density, argmax     47.2%  layer 1 to 6: 66% 55% 31% 42% 58% 31%',
    ]);
    expect(lines.at(-1)).toBe(`! ${summary.warnings[0]}`);
    expect(stripVTControlCharacters(summaryTable(summary, { colour: true })).split('\n')).toEqual(lines);
  });

  it('sums up the densities of a deep model', () => {
    const deep = { ...summary, densityArgmaxPerLayer: Array.from({ length: 96 }, (_, i) => i / 100) };
    expect(summaryTable(deep, { colour: false })).toContain('from 0% to 95% over 96 layers');
  });

  it('says so when the model is worse than counting pairs', () => {
    const poor = { ...summary, bitsPerCharacter: 4.03, warnings: [] };
    expect(summaryTable(poor, { colour: false })).toContain('0.500 above the bigram entropy of 3.530');
  });

  it('shows – for figures that are not finite', () => {
    const broken = { ...summary, valLoss: Number.NaN, denseFlopsPerToken: 0, bitsPerCharacter: Infinity };
    expect(summaryTable(broken, { colour: false })).not.toMatch(/NaN|Infinity/);
  });
});

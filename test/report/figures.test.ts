import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { createDocument } from '../../src/report/document.ts';
import { thin } from '../../src/report/figures/curve.ts';
import { densityCurves } from '../../src/report/figures/density-curves.ts';
import { lossCurve } from '../../src/report/figures/loss-curve.ts';
import { skipMap } from '../../src/report/figures/skip-map.ts';
import { wordUsage } from '../../src/report/figures/word-usage.ts';
import { fakeCurve, fakeSkipMap, fakeUsages } from './fixture.ts';

const options = { width: 600, document: createDocument() };

/** The drawing as elements to look into; fails on anything a browser could not place. */
function read(svg: string) {
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  const all = (selector: string) => [...document.querySelectorAll(selector)];
  const texts = (selector: string) => all(selector).map((element) => element.textContent);
  return { root: all('svg')[0], all, texts };
}

/** The height of each point of a line, in pixels from the top. */
function heights(path: { getAttribute(name: string): string | null }): number[] {
  return [...path.getAttribute('d')!.matchAll(/[ML,]?([\d.-]+),([\d.-]+)/g)].map((match) => Number(match[2]));
}

describe('lossCurve', () => {
  const curve = fakeCurve(2000, 10, 6);

  it('draws the training loss, the held-out points and the bigram line', () => {
    const { root, all, texts } = read(lossCurve({ curve, bigramLoss: 2.4 }, options));
    expect(root.getAttribute('role')).toBe('img');
    expect(root.getAttribute('aria-label')).toContain(`at the end ${curve.at(-1)!.trainLoss.toFixed(3)}`);
    expect(all('[aria-label=line] path')).toHaveLength(1);
    expect(all('[aria-label=dot] circle')).toHaveLength(21);
    expect(all('[aria-label=rule] line')).toHaveLength(1);
    expect(texts('tspan').map((text) => text.trim())).toEqual([
      '━━',
      'training',
      '●',
      'held out',
      '– –',
      'bigram entropy',
    ]);
  });

  it('smooths a long curve but leaves its ends where they are', () => {
    const ends = [curve[0], { ...curve[1], step: 2000, trainLoss: curve.at(-1)!.trainLoss }];
    const long = heights(
      read(lossCurve({ curve: curve.map((point) => ({ ...point, valLoss: undefined })) }, options)).all(
        '[aria-label=line] path',
      )[0],
    );
    expect(long).toHaveLength(curve.length);
    expect(long[0]).toBeCloseTo(
      heights(
        read(lossCurve({ curve: ends.map((point) => ({ ...point, valLoss: undefined })) }, options)).all(
          '[aria-label=line] path',
        )[0],
      )[0],
      0,
    );
  });

  it('leaves out what is not finite, and the parts of the legend that go with it', () => {
    const diverged = curve.map((point, i) => ({
      ...point,
      valLoss: undefined,
      trainLoss: i > 3 ? Number.NaN : point.trainLoss,
    }));
    const { all, texts } = read(lossCurve({ curve: diverged, bigramLoss: Number.NaN }, options));
    expect(heights(all('[aria-label=line] path')[0])).toHaveLength(4);
    expect(texts('tspan').map((text) => text.trim())).toEqual(['━━', 'training']);
  });

  it('draws a single step as a dot, and no steps as an empty figure', () => {
    expect(lossCurve({ curve: fakeCurve(0, 10, 2) }, options)).toContain('marker-start');
    expect(read(lossCurve({ curve: [] }, options)).all('path[d^=M]').length).toBeLessThan(3);
  });

  it('before the first step has an axis that has room for the dashed line', () => {
    const { texts } = read(lossCurve({ curve: [], bigramLoss: 2.462249 }, options));
    const labels = texts('[aria-label="y-axis tick label"] text');
    expect(labels).toEqual(expect.arrayContaining(['0.0', '1.0', '2.0']));
    expect(labels.join()).not.toContain('2.46');
  });
});

describe('densityCurves', () => {
  it('draws a line for each layer, their mean, the argmax and the target', () => {
    const { all, texts } = read(
      densityCurves({ curve: fakeCurve(200, 10, 12), densityTarget: 0.5 }, options),
    );
    const strokes = all('[aria-label=line]').map((group) => group.getAttribute('stroke'));
    expect(new Set(strokes).size).toBe(13);
    expect(strokes.at(-1)).toBe('currentColor');
    const legend = texts('tspan').map((text) => text.trim());
    expect(legend.filter((text) => text === '━').length).toBeLessThanOrEqual(6);
    expect(legend.filter((text) => /\w/.test(text))).toEqual(['layers 1 to 12', 'mean', 'argmax', 'target']);
  });

  it('places the target where the axis says it is', () => {
    const { all } = read(densityCurves({ curve: fakeCurve(200, 10, 2), densityTarget: 0.25 }, options));
    const rule = all('[aria-label=rule] line')[0];
    const share = (242 - Number(rule.getAttribute('y1'))) / (242 - 34);
    expect(share).toBeCloseTo(0.25, 2);
  });

  it('takes no steps, one step and one layer', () => {
    read(densityCurves({ curve: [], densityTarget: 0.5 }, options));
    const { texts } = read(densityCurves({ curve: fakeCurve(0, 1, 1), densityTarget: 0.5 }, options));
    expect(texts('tspan').map((text) => text.trim())).toContain('layer 1');
  });
});

describe('skipMap', () => {
  const map = {
    tokens: ['<', ' ', '\n'],
    active: [
      [true, false, true],
      [false, false, true],
    ],
  };

  it('draws a cell for each layer and token, layer 1 at the bottom, and says in words what it shows', () => {
    const { all, texts } = read(skipMap(map, options));
    const cells = all('.skip-map-cells rect');
    expect(cells).toHaveLength(6);
    const [bottom, top] = [cells[0], cells[3]].map((cell) => Number(cell.getAttribute('y')));
    expect(bottom).toBeGreaterThan(top);
    expect(cells[0].getAttribute('x')).toBe(cells[3].getAttribute('x'));
    expect(texts('.skip-map-cells title').slice(0, 2)).toEqual([
      '<  token 1\nlayer 1 ran\n1 of 2 layers used by this token',
      '␣  token 2\nlayer 1 skipped\n0 of 2 layers used by this token',
    ]);
    expect(cells.map((cell) => cell.getAttribute('fill-opacity'))).toEqual([
      '1',
      '0.09',
      '1',
      '0.09',
      '0.09',
      '1',
    ]);
    expect(texts('text')).toEqual(expect.arrayContaining(['<', '␣', '⏎', '1', '2']));
  });

  it('escapes tokens', () => {
    const svg = skipMap(
      { tokens: ['<script>', '&amp;', '"', '\x1b'], active: [[true, true, true, true]] },
      options,
    );
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).toContain('&amp;amp;');
    expect(svg).not.toContain('\x1b');
  });

  it('wraps long texts, with every cell inside the drawing and none on another', () => {
    const { root, all } = read(skipMap(fakeSkipMap('x'.repeat(150), 4, 1), { ...options, width: 300 }));
    const groups = all('.skip-map-cells');
    expect(groups.length).toBe(Math.ceil(150 / 19));
    expect(all('.skip-map-cells rect')).toHaveLength(600);
    const height = Number(root.getAttribute('height'));
    const place = all('.skip-map-cells rect').map((cell) => {
      const [, dy] = /translate\([\d.]+,([\d.]+)\)/.exec(cell.parentNode.getAttribute('transform') ?? '') ?? [
        '',
        '0',
      ];
      const [x, y, w, h] = ['x', 'y', 'width', 'height'].map((name) => Number(cell.getAttribute(name)));
      expect(x + w).toBeLessThanOrEqual(300);
      expect(y + Number(dy) + h).toBeLessThanOrEqual(height);
      return `${x},${y + Number(dy)}`;
    });
    expect(new Set(place).size).toBe(600);
    // Between two rows of cells there is room for the tokens of the upper one: 12 pixels high, and some air.
    const tops = [...new Set(place.map((at) => Number(at.split(',')[1])))].sort((a, b) => a - b);
    const steps = tops.slice(1).map((top, i) => top - tops[i]);
    expect(steps.filter((step) => step > 20)).toHaveLength(groups.length - 1);
    expect(Math.max(...steps) - Math.min(...steps)).toBeGreaterThanOrEqual(24);
  });

  it('takes no tokens, no layers, one token and very many layers', () => {
    expect(read(skipMap({ tokens: [], active: [[], []] }, options)).all('rect')).toHaveLength(0);
    read(skipMap({ tokens: ['a'], active: [] }, options));
    expect(read(skipMap({ tokens: ['a'], active: [[true]] }, options)).all('rect')).toHaveLength(1);
    const { texts } = read(skipMap(fakeSkipMap('a', 96, 1), options));
    expect(texts('text').filter((text) => /^\d+$/.test(text)).length).toBeLessThan(10);
  });

  it('names the layer whose length is wrong', () => {
    expect(() => skipMap({ tokens: ['a', 'b'], active: [[true]] }, options)).toThrow(
      /layer 1 has 1 entries for 2 tokens/,
    );
  });
});

describe('wordUsage', () => {
  it('draws both ends, deepest first, each dot where its mean is', () => {
    const usages = fakeUsages([...'abcdefghij'], 6);
    const { all, texts } = read(wordUsage({ usages, layers: 6, count: 3 }, options));
    const dots = all('[aria-label=dot] circle');
    expect(dots).toHaveLength(6);
    const x = dots.map((dot) => Number(dot.getAttribute('cx')));
    expect(x).toEqual([...x].sort((a, b) => b - a));
    const scale = (x[0] - x[5]) / (usages[0].meanLayers - usages[9].meanLayers);
    expect(x[1] - x[5]).toBeCloseTo(scale * (usages[1].meanLayers - usages[9].meanLayers), 3);
    expect(texts('text').filter((text) => /^[a-j]$/.test(text))).toEqual(['a', 'b', 'c', 'h', 'i', 'j']);
    expect(texts('circle title')[0]).toBe('a: 5.28 of 6 layers, 12 times');
  });

  it('leaves the order of its input alone', () => {
    const usages = fakeUsages(['a', 'b', 'c'], 2).reverse();
    const before = structuredClone(usages);
    wordUsage({ usages, layers: 2 }, options);
    expect(usages).toEqual(before);
  });

  it('takes no tokens, one token and tokens that look like markup', () => {
    expect(read(wordUsage({ usages: [], layers: 6 }, options)).all('circle')).toHaveLength(0);
    expect(read(wordUsage({ usages: fakeUsages(['a'], 6), layers: 6 }, options)).all('circle')).toHaveLength(
      1,
    );
    expect(wordUsage({ usages: fakeUsages(['<b>', '\n'], 6), layers: 6 }, options)).toContain('&lt;b&gt;');
  });
});

describe('thin', () => {
  it('keeps the first and the last and about as many as asked', () => {
    const points = Array.from({ length: 1001 }, (_, i) => i);
    const few = thin(points, 100);
    expect([few[0], few.at(-1)]).toEqual([0, 1000]);
    expect(few.length).toBeLessThanOrEqual(101);
    expect(thin([1, 2, 3], 100)).toEqual([1, 2, 3]);
  });
});

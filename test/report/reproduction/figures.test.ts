import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { createDocument } from '../../../src/report/document.ts';
import { intervalDomain, intervalEnds } from '../../../src/report/reproduction/interval-domain.ts';
import { learnedVsRandom } from '../../../src/report/reproduction/learned-vs-random.ts';
import { reproductionFigures } from '../../../src/report/reproduction/page.ts';
import {
  lossNearDense,
  lossOverDecodeTime,
  lossOverFlops,
  nearDense,
  scoreOverFlops,
} from '../../../src/report/reproduction/quality.ts';
import { trainingSpeed } from '../../../src/report/reproduction/training-speed.ts';
import { summarize } from '../../../src/reproduce/summary.ts';
import { fakeCell, fakeGrid, fakeTimings } from '../../reproduce/fake-cells.ts';

const cells = fakeGrid();
const whole = summarize(cells, fakeTimings(cells));
const document = createDocument();
const widths = [760, 360];

/** The drawing as elements to look into; fails on anything a browser could not place. */
function read(svg: string) {
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  const page = parseHTML(`<html><body>${svg}</body></html>`).document;
  const all = (selector: string) => [...page.querySelectorAll(selector)];
  return { root: all('svg')[0], all };
}

/** Where the labels of marks stand: [left, right, top, bottom] in pixels, by a letter that is 0.6 of its size wide. */
function labelBoxes(svg: string): number[][] {
  const { all } = read(svg);
  const texts = all('[aria-label=text][font-size="11"] text');
  return texts.map((text) => {
    const [, x, y] = /translate\(([\d.]+),([\d.]+)\)/.exec(text.getAttribute('transform') ?? '')!.map(Number);
    const half = 0.3 * 11 * text.textContent.length;
    return [x - half, x + half, y - 5, y + 5];
  });
}

describe.each(widths)('at a width of %i', (width) => {
  const options = { width, document };

  it('every figure is drawn within its frame', () => {
    for (const [name, draw] of Object.entries(reproductionFigures(whole))) {
      const { root, all } = read(draw!(options));
      expect(root.getAttribute('width'), name).toBe(String(width));
      expect(root.getAttribute('aria-label'), name).toMatch(/\w/);
      const height = Number(root.getAttribute('height'));
      for (const dot of all('circle')) {
        const [x, y, r] = ['cx', 'cy', 'r'].map((at) => Number(dot.getAttribute(at)));
        expect(x - r >= 0 && x + r <= width && y - r >= 0 && y + r <= height, name).toBe(true);
      }
    }
  });

  it('no label stands on another, and the most telling have one', () => {
    for (const name of ['loss-over-flops', 'score-over-flops', 'loss-over-decode-time', 'words']) {
      const boxes = labelBoxes(reproductionFigures(whole)[name]!(options));
      expect(boxes.length, name).toBeGreaterThan(8);
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) {
          expect(a[0] < b[1] && b[0] < a[1] && a[2] < b[3] && b[2] < a[3], `${name}: ${a}; ${b}`).toBe(false);
        }
        expect(a[0], name).toBeGreaterThanOrEqual(0);
        expect(a[1], name).toBeLessThanOrEqual(width);
      }
    }
  });

  it('a model without seeds, speeds, scores or densities does no harm', () => {
    const [row] = summarize([fakeCell({ model: 'highway', layers: 3 })], null).rows;
    const bare = { ...row, points: null, words: [], kinds: [], timing: null };
    for (const draw of [lossOverFlops, scoreOverFlops, lossOverDecodeTime, learnedVsRandom, trainingSpeed]) {
      read(draw([bare], options));
      read(draw([], options));
    }
  });
});

describe('lossOverFlops', () => {
  const { all } = read(lossOverFlops(whole.rows, { width: 760, document }));

  it('has a mark a row, a dot a seed, and one line of dense models from fewest FLOPs to most', () => {
    const titles = all('title').map((title) => title.textContent);
    expect(titles).toHaveLength(whole.rows.length);
    expect(titles).toContain(
      `learned-b (6, 50%): ${whole.rows.find(({ name }) => name === 'learned-b (6, 50%)')!.loss.mean.toFixed(3)} ± 0.005 at 417k`,
    );
    expect(
      all('circle[r="2"], [r="2"] circle').length + all('[aria-label=dot] circle').length,
    ).toBeGreaterThanOrEqual(cells.length);
    const lines = all('[aria-label=line] path');
    expect(lines).toHaveLength(1);
    const x = [...lines[0].getAttribute('d')!.matchAll(/[ML]([\d.]+),/g)].map((match) => Number(match[1]));
    expect(x).toHaveLength(6);
    expect(x).toEqual([...x].sort((a, b) => a - b));
  });
});

describe('lossNearDense', () => {
  const [row] = whole.rows;
  const at = (model: string, mean: number, x: number) => ({
    ...row,
    ...{ model, name: `${model} (6, 50%)`, loss: { ...row.loss, mean } },
    flopsPerToken: { ...row.flopsPerToken, mean: x },
  });
  const rows = [
    at('dense', 1.7, 3e5),
    at('dense', 1.8, 1e5),
    at('always-on', 1.85, 2e5),
    at('random', 2.1, 2e5),
  ];

  it('leaves out models that are far behind all dense ones, and says which the others are', () => {
    expect(nearDense(rows)).toEqual(rows.slice(0, 3));
    const { all } = read(lossNearDense(rows, { width: 760, document }));
    const labels = all('[aria-label=text][font-size="11"] text').map((text) => text.textContent);
    expect(labels).toContain('(6, 50%)');
    expect(
      all('title')
        .map((title) => title.textContent)
        .join(),
    ).not.toContain('random');
  });

  it('is not drawn where dense models are alone', () => {
    const page = { ...whole, rows: [rows[0], rows[1], rows[3]] };
    expect(reproductionFigures(page)['loss-near-dense']).toBeNull();
  });
});

describe('trainingSpeed', () => {
  it('leaves out dense models, and those whose twin was not timed', () => {
    const { all } = read(trainingSpeed(whole.rows, { width: 760, document }));
    expect(all('[aria-label=bar] rect')).toHaveLength(
      whole.rows.filter(({ model }) => model !== 'dense').length,
    );
    const untwinned = whole.rows.map((row) => ({
      ...row,
      timing: row.timing && { ...row.timing, twin: null },
    }));
    expect(
      read(trainingSpeed(untwinned, { width: 760, document })).all('[aria-label=bar] rect'),
    ).toHaveLength(0);
  });
});

describe('learnedVsRandom', () => {
  it('shows the number of layers of which most densities were trained', () => {
    const { root, all } = read(learnedVsRandom(whole.rows, { width: 760, document }));
    expect(root.getAttribute('aria-label')).toContain('12 layers');
    expect(all('title')).toHaveLength(8);
  });
});

describe('intervalDomain', () => {
  it('holds intervals that are no wider than the values lie apart, and cuts wider ones', () => {
    const narrow = { mean: 2, half: 0.4, seeds: 3 };
    const [low, high] = intervalDomain([narrow], [1.5, 2.5]);
    expect(low).toBeLessThan(1.5);
    expect(high).toBeGreaterThan(2.5);
    const wide = { mean: 2, half: 40, seeds: 2 };
    const domain = intervalDomain([narrow, wide], [1.5, 2.5]);
    expect(domain[1] - domain[0]).toBeLessThan(2);
    expect(intervalEnds(wide, domain)).toEqual(domain);
    expect(intervalEnds(narrow, domain)).toEqual([1.6, 2.4]);
  });

  it('takes nothing, and one value', () => {
    expect(intervalDomain([], [])).toEqual([0, 1]);
    const [low, high] = intervalDomain([{ mean: 2, half: Number.NaN, seeds: 1 }], []);
    expect(low < 2 && high > 2).toBe(true);
  });
});

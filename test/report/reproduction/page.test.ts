import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { createDocument } from '../../../src/report/document.ts';
import { markdownTable, reproductionMarkdown } from '../../../src/report/reproduction/markdown.ts';
import { reproductionPage } from '../../../src/report/reproduction/page.ts';
import { claimTable, plusMinus, taskScores } from '../../../src/report/reproduction/tables.ts';
import { reproductionTable } from '../../../src/report/reproduction/terminal-table.ts';
import { summarize } from '../../../src/reproduce/summary.ts';
import { fakeCell, fakeGrid, fakeTimings } from '../../reproduce/fake-cells.ts';

const cells = fakeGrid();
const whole = summarize(cells, fakeTimings(cells));
const html = reproductionPage(whole, createDocument());

describe('reproductionPage', () => {
  const { document } = parseHTML(html);
  const texts = (selector: string): string[] =>
    [...document.querySelectorAll(selector)].map((e) => e.textContent);

  it('is one page that loads nothing', () => {
    expect(html.startsWith('<!doctype html>')).toBe(true);
    expect(html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|url\(|@import|\ssrc=|<link|<img/,
    );
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('has a section for each thing to see', () => {
    expect(texts('h2')).toEqual([
      'Quality over cost',
      'Tasks over cost',
      'Models',
      'Does routing pay?',
      'Task by task',
      'Ways to skip',
      'Learned and random gates',
      'Speed',
      'Words by depth',
      'Kinds of characters by depth',
      'Density per layer',
      'Do hard tokens run more layers?',
      'Origin',
      'Repeat it',
    ]);
    expect(document.querySelectorAll('figure .wide svg')).toHaveLength(10);
    expect(document.querySelectorAll('figure .narrow svg')).toHaveLength(10);
    expect(texts('pre')[0].split('\n')).toHaveLength(whole.rows.length);
  });

  it('leads with how many routed models are better than each control, and than both', () => {
    const claims = whole.claims.filter(({ measure }) => measure === 'held-out loss');
    const better = (verdicts: string[]) => verdicts.filter((verdict) => verdict === 'better').length;
    expect(texts('.card strong').map((text) => Number.parseInt(text, 10))).toEqual([
      better(claims.map(({ random }) => random.verdict)),
      better(claims.map(({ dense }) => dense.verdict)),
      better(claims.map(({ verdict }) => verdict)),
    ]);
  });

  it('leaves out what is not there, and says so', () => {
    const part = reproductionPage(
      summarize([fakeCell({ model: 'dense', layers: 3 })], null),
      createDocument(),
    );
    const page = parseHTML(part).document;
    const titles = [...page.querySelectorAll('h2')].map((e) => e.textContent);
    expect(titles).not.toContain('Speed');
    expect(titles).not.toContain('Does routing pay?');
    expect(page.querySelector('.warnings')!.textContent).toContain('speeds were not taken');
    expect(part).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('escapes whatever a name, a word or a command holds', () => {
    const evil = '</script><script>alert(1)</script>"\x1b';
    const cell = fakeCell({ model: 'learned-b', layers: 6, density: 0.5 });
    const usages = [{ token: evil, count: 1, meanLayers: 1 }];
    const page = reproductionPage(
      summarize(
        [
          {
            ...cell,
            command: evil,
            origin: { ...cell.origin, machine: evil },
            text: { ...cell.text, words: usages, kinds: usages },
          },
          { ...fakeCell({ model: evil, layers: 6, density: 0.5 }), cell: evil },
        ],
        null,
        [evil, `${evil}2`],
      ),
      createDocument(),
    );
    expect(page.match(/<script/g)).toHaveLength(1);
  });
});

describe('tables', () => {
  it('write a mean with its interval, and without where there is none', () => {
    expect(plusMinus({ mean: 1.23456, half: 0.0123, seeds: 3 })).toBe('1.235 ± 0.012');
    expect(plusMinus({ mean: 0.5, half: Number.NaN, seeds: 1 }, 1, 100)).toBe('50.0');
    expect(plusMinus(null)).toBe('–');
  });

  it('mark what is not tested with a number, and say why below', () => {
    const { head, rows, notes } = claimTable(whole.claims, 'held-out loss');
    const deep = rows.find(([name]) => name === 'learned-b (24, 25%)')!;
    const mark = /· \[(\d+)\]/.exec(deep[head.indexOf('beside dense, same FLOPs')])!;
    expect(notes[Number(mark[1]) - 1]).toMatch(/do not lie close between those of two dense models/);
    expect(new Set(notes).size).toBe(notes.length);
    for (const row of rows) expect(row).toHaveLength(head.length);
  });

  it('put a sign behind the scores of routed models alone', () => {
    const { head, rows } = taskScores(whole);
    expect(head).toHaveLength(1 + 24);
    expect(rows.map(([name]) => name)).toEqual(['chance', ...whole.rows.map(({ name }) => name)]);
    for (const [name, ...cells] of rows) {
      for (const cell of cells)
        expect(/ [▲▼=·]$/.test(cell), `${name} ${cell}`).toBe(!/^(chance|dense|random)/.test(name));
    }
  });

  it('are Markdown that stays in its cells', () => {
    const lines = markdownTable({ head: ['a', 'b'], rows: [['x|y', 'z\nw']], notes: ['why'] });
    expect(lines).toEqual(['| a | b |', '|---|---:|', '| x\\|y | z w |', '', '[1] why.  ']);
    const headings = reproductionMarkdown(whole).match(/^## .*$/gm);
    expect(headings).toEqual([
      '## Models',
      '## Claims by held-out loss',
      '## Claims by hop-24',
      '## Tasks',
      '## Speed',
      '## Origin',
    ]);
  });
});

describe('reproductionTable', () => {
  it('says what each model costs and reaches, and whether routing pays', () => {
    const few = cells.filter(({ cell }) => /^(dense-[34]x|(learned-b|random)-6x)/.test(cell));
    expect(`\n${reproductionTable(summarize(few, null), false)}\n`).toMatchInlineSnapshot(`
      "
      model               seeds  layers  FLOPs  held-out loss  dense, same FLOPs  above chance  routing is
      dense (3)               3    3.00   356k  1.612 ± 0.031                  –    30.7 ± 0.6
      dense (4)               3    4.00   472k  1.563 ± 0.010                  –    56.3 ± 0.4
      random (6, 50%)         3    3.13   419k  1.638 ± 0.018      1.584 ± 0.019    19.4 ± 3.1
      learned-b (6, 50%)      3    3.12   417k  1.584 ± 0.005      1.585 ± 0.020    40.8 ± 0.2  no difference seen

      layers, FLOPs: per token; ±: half a 95% interval over seeds; above chance: points on hop-24
      routing is: by held-out loss, beside both a random gate of the same density and a dense model of the same FLOPs
      missing: speeds were not taken (hopgrad reproduce --timing takes them)
      "
    `);
  });

  it('colours only where asked', () => {
    expect(reproductionTable(whole, false)).not.toContain('\x1b');
    expect(reproductionTable(whole, true)).toContain('\x1b[1m');
  });
});

import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { createDocument } from '../../src/report/document.ts';
import { escapeHtml } from '../../src/report/html-page.ts';
import { htmlReport } from '../../src/report/html-report.ts';
import type { RunReport } from '../../src/report/types.ts';
import { fakeReport } from './fixture.ts';

const render = (report: RunReport): string => htmlReport(report, createDocument());
const full = render(fakeReport());

describe('htmlReport', () => {
  const { document } = parseHTML(full);
  const texts = (selector: string): string[] =>
    [...document.querySelectorAll(selector)].map((e) => e.textContent);

  it('is one page that loads nothing', () => {
    expect(full.startsWith('<!doctype html>')).toBe(true);
    expect(full.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|url\(|@import|\ssrc=|<link|<img/,
    );
  });

  it('has a section for each thing to see', () => {
    expect(texts('h2')).toEqual([
      'Loss',
      'Density',
      'Which layers each token uses',
      'Text the model wrote',
      'Characters by layers used',
      'Words by layers used',
      'Configuration',
      'Repeat this run',
    ]);
    expect(texts('h1')).toEqual(['moby-dick, 6 layers at density 0.5']);
    expect(texts('.warnings li')).toEqual(fakeReport().summary.warnings);
    expect(texts('pre')).toEqual(fakeReport().commands);
  });

  it('leads with loss, FLOPs and density', () => {
    expect(texts('.card strong')).toEqual(['1.482 nats per token', '1.28M executed', '47.2% argmax']);
    expect(texts('.card strong ~ span')).toEqual([
      '2.138 bits per character, 1.392 below the bigram entropy of 3.530',
      '54.2% of 2.37M with every layer on',
      'held out; target 50.0%, sampled in training 50.7%',
    ]);
  });

  it('draws every figure wide and narrow, named for screen readers, and gives its numbers as a table', () => {
    const figures = [...document.querySelectorAll('figure')];
    expect(figures).toHaveLength(5);
    for (const figure of figures) {
      const drawings = [...figure.querySelectorAll('svg')];
      expect(drawings.map((svg) => svg.getAttribute('width'))).toEqual(['760', '360']);
      expect(drawings[0].getAttribute('aria-label')).toMatch(/\w/);
    }
    expect(texts('details summary')).toHaveLength(5);
    expect(document.querySelectorAll('details table tbody tr').length).toBeGreaterThan(50);
  });

  it('tints the generated text by layers used, token by token', () => {
    const { sample } = fakeReport();
    const spans = [...document.querySelectorAll('.text span')];
    expect(spans).toHaveLength(sample.tokens.length);
    const used = sample.active.filter((row) => row[0]).length;
    expect(spans[0].getAttribute('title')).toBe(`${used} of 6 layers`);
    expect(Number(spans[0].getAttribute('style').split(':')[1])).toBeCloseTo(used / 6, 3);
    expect(texts('.text')[0].replaceAll('⏎', '')).toBe(sample.tokens.join(''));
    expect(texts('.legend span')).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  it('flattens the configuration', () => {
    const rows = [...document.querySelectorAll('section')].find((e) =>
      e.textContent.startsWith('Configuration'),
    )!;
    const cells = [...rows.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    expect(cells).toContainEqual(['model.router.temperature', '1']);
    expect(cells).toContainEqual(['optimizer', 'adamw']);
    expect(cells).toContainEqual(['text', 'null']);
  });

  it('has a script that is valid and names no outside thing', () => {
    const script = /<script>([\s\S]*?)<\/script>/.exec(full)![1];
    expect(() => new Function(script)).not.toThrow();
    expect(full.match(/<script/g)).toHaveLength(1);
  });

  it('compares with the bigram entropy per token, not per character', () => {
    const report = fakeReport();
    const threeCharacters = {
      ...report,
      summary: { ...report.summary, bitsPerCharacter: report.summary.valLoss / Math.LN2 / 3 },
    };
    const height = (html: string): number => {
      const rule = parseHTML(html).document.querySelector('[aria-label=rule] line');
      return Number(rule.getAttribute('y1'));
    };
    expect(height(render(threeCharacters))).toBeLessThan(height(full));
  });
});

describe('whatever the run was like', () => {
  it('escapes everything a user or a model may write', () => {
    const evil = '</script><script>alert(1)</script>"\'&\x1b';
    const report = fakeReport();
    const map = { tokens: [evil], active: [[true]] };
    const usages = [{ token: evil, count: 1, meanLayers: 1 }];
    const html = render({
      ...report,
      title: evil,
      config: { [evil]: evil, nested: { list: [evil] } },
      summary: { ...report.summary, runDir: evil, device: evil, warnings: [evil] },
      skipMap: map,
      sample: map,
      characters: usages,
      words: usages,
      commands: [evil],
    });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<\/script/g)).toHaveLength(1);
    expect(parseHTML(html).document.querySelector('h1')!.textContent).toContain('</script><script>alert(1)');
    expect(escapeHtml(evil)).toBe('&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\x1b');
  });

  it('takes a run that has nothing to show', () => {
    const report = fakeReport();
    const nothing = { tokens: [], active: [] };
    const html = render({
      ...report,
      config: {},
      curve: [],
      summary: { ...report.summary, densityArgmaxPerLayer: [], warnings: [] },
      skipMap: nothing,
      sample: nothing,
      characters: [],
      words: [],
      commands: undefined,
    });
    expect(html).not.toMatch(/NaN|undefined|class="warnings"|<pre>/);
  });

  it('takes a run that diverged', () => {
    const report = fakeReport();
    const html = render({
      ...report,
      curve: report.curve.slice(0, 1).map((point) => ({ ...point, trainLoss: Number.NaN, learningRate: 0 })),
      summary: {
        ...report.summary,
        valLoss: Number.NaN,
        bitsPerCharacter: Number.NaN,
        trainLoss: Infinity,
        densityArgmax: Number.NaN,
      },
    });
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });
});

/** The live pages on tensors, graphs and discrete decisions, in a browser: what they show can be worked out without them. */
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenOptions, openSite, type Site } from './site.ts';

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

afterAll(() => site?.close());

/** Opens a page, waits for its components, runs `look`, and expects that nothing went wrong meanwhile. */
async function visit(
  path: string,
  look: (page: Page) => Promise<void>,
  { components = 1, ...options }: OpenOptions & { components?: number } = {},
): Promise<void> {
  const { page, problems } = await site.open(path, options);
  try {
    await page
      .locator('.live')
      .nth(components - 1)
      .waitFor();
    await look(page);
    expect(problems).toEqual([]);
  } finally {
    await page.close();
  }
}

const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));

/** Waits until the address says this. */
async function untilAddress(page: Page, name: string, value: string): Promise<void> {
  await page.waitForFunction(
    `new URLSearchParams(location.search).get(${JSON.stringify(name)}) === ${JSON.stringify(value)}`,
  );
}

/** The values of a tensor's cells, in reading order. */
async function cellsOf(page: Page, label: string): Promise<number[]> {
  const cells = page.getByRole('grid', { name: label, exact: true }).locator('[role=gridcell] span');
  return (await cells.allTextContents()).map((text) => Number(text.replace('−', '-')));
}

describe('every page', () => {
  const pages: [string, number][] = [
    ['/live/playground.html', 2],
    ['/live/graph.html', 1],
    ['/live/gumbel.html', 2],
  ];

  test.each(pages)('%s fits a phone, in the dark', (path, components) =>
    visit(
      path,
      async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
        expect(await page.evaluate('document.documentElement.classList.contains("dark")')).toBe(true);
      },
      { width: 390, height: 844, colorScheme: 'dark', components },
    ),
  );

  test.each(pages)('%s: whatever can be changed has a label', (path, components) =>
    visit(
      path,
      async (page) => {
        const without =
          await page.evaluate(`[...document.querySelectorAll('.live input, .live select, .live textarea')]
          .filter((field) => field.labels.length === 0 && !field.ariaLabel).map((field) => field.outerHTML)`);
        expect(without).toEqual([]);
      },
      { components },
    ),
  );
});

describe('views and broadcasting', () => {
  test('strides, offset and places in memory of a slice of a transpose', () =>
    visit('/live/playground.html?x=3,4&steps=transpose().slice(0,1,4,2)', async (page) => {
      const last = page.locator('[data-layout="2"]');
      expect(await last.locator('.facts').innerText()).toMatch(
        /shape \(2, 3\)\s+strides \(2, 4\)\s+offset 1\s+not contiguous\s+a view/,
      );
      expect(await last.locator('[role=gridcell] small').allTextContents()).toEqual(
        [1, 5, 9, 3, 7, 11].map(String),
      );
      // With the arrow keys to element [1, 2], at 1 + 1 · 2 + 2 · 4.
      await last.locator('[role=gridcell]').first().focus();
      for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
      expect(await page.locator('.live-status').first().innerText()).toContain('1 + 1 · 2 + 2 · 4 = 11');
      expect(await page.locator('[data-memory="0"] li.here small').innerText()).toBe('11');
    }));

  test('a reshape that has to copy, typed; the address remembers it', () =>
    visit('/live/playground.html', async (page) => {
      await page.getByLabel('x: a shape').fill('2, 3');
      await page.getByLabel('x, then').fill('transpose().reshape([2, 3])');
      await page.getByText('a copy, in memory of its own').waitFor();
      expect(await page.locator('[data-memory="1"] li span').allTextContents()).toEqual([
        '0',
        '3',
        '1',
        '4',
        '2',
        '5',
      ]);
      await untilAddress(page, 'steps', 'transpose().reshape([2, 3])');
      await page.reload();
      await page.getByText('a copy, in memory of its own').waitFor();
      expect(await page.getByLabel('x: a shape').inputValue()).toBe('2, 3');
    }));

  test('the library’s own words for what it refuses', () =>
    visit('/live/playground.html?x=3,4&steps=reshape([5])&a=2,3&b=2', async (page) => {
      const alerts = page.locator('.live [role=alert]');
      await alerts.nth(1).waitFor();
      expect(await alerts.nth(0).innerText()).toMatch(
        /^reshape: the 12 elements of \(3, 4\) do not fill \(5\)/,
      );
      expect(await alerts.nth(1).innerText()).toContain('Did you mean b.unsqueeze(-1)?');
      expect(await page.locator('td[data-mark=clash]').count()).toBe(3);
    }));

  test('a row and a column, multiplied, and their gradients', () =>
    visit(
      '/live/playground.html?a=3,1&b=1,4',
      async (page) => {
        await page.getByLabel('op', { exact: true }).selectOption('mul');
        await page.getByLabel('1, 2, 3, …').check();
        await page.waitForFunction(
          `document.querySelector('[aria-label="gradient of a"]')?.innerText.includes('300')`,
        );
        const [a, b] = [
          [1, 2, 3],
          [10, 20, 30, 40],
        ];
        expect(await cellsOf(page, 'the result')).toEqual(a.flatMap((one) => b.map((other) => one * other)));
        const g = (row: number, column: number) => 4 * row + column + 1;
        expect(await cellsOf(page, 'gradient of a')).toEqual(
          a.map((_, row) => b.reduce((sum, other, column) => sum + other * g(row, column), 0)),
        );
        expect(await cellsOf(page, 'gradient of b')).toEqual(
          b.map((_, column) => a.reduce((sum, one, row) => sum + one * g(row, column), 0)),
        );
      },
      { components: 2 },
    ));
});

describe('an expression’s graph', () => {
  const gradientOf = async (page: Page, leaf: string) =>
    Number(await page.locator(`[data-leaf="${leaf}"] [data-value]`).getAttribute('data-value'));

  test('gradients of tanh(a · b + c), as calculus has them', () =>
    visit('/live/graph.html?at=a+0.3,b+-0.7,c+0.2', async (page) => {
      const slope = 1 - Math.tanh(0.3 * -0.7 + 0.2) ** 2;
      expect(await gradientOf(page, 'a')).toBeCloseTo(-0.7 * slope, 12);
      expect(await gradientOf(page, 'b')).toBeCloseTo(0.3 * slope, 12);
      expect(await gradientOf(page, 'c')).toBeCloseTo(slope, 12);
    }));

  test('a slider moved by keys changes value and gradient', () =>
    visit('/live/graph.html?e=a*a%2Ba&at=a+1', async (page) => {
      expect(await gradientOf(page, 'a')).toBe(3);
      await page.getByRole('slider', { name: 'a', exact: true }).focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.waitForFunction(`document.querySelector('[data-leaf=a] [data-value]').dataset.value > 3.1`);
      expect(await gradientOf(page, 'a')).toBeCloseTo(2 * 1.1 + 1, 12);
      await untilAddress(page, 'at', 'a 1.1');
    }));

  test('step by step: forward, then back, each vertex after all that use it', () =>
    visit('/live/graph.html', async (page) => {
      const status = page.locator('.live-status');
      await page.getByRole('button', { name: 'Start over' }).click();
      expect(await page.locator('svg .value').count()).toBe(3);
      const forward = page.getByRole('button', { name: 'Step forward' });
      const back = page.getByRole('button', { name: 'Step back' });
      for (const op of ['mul', 'add', 'tanh']) {
        await forward.click();
        expect(await status.innerText()).toMatch(new RegExp(`^${op} of`));
      }
      expect(await forward.isDisabled()).toBe(true);
      const walked: string[] = [];
      while (await back.isEnabled()) {
        await back.click();
        walked.push((await page.locator('svg .box.current .title').textContent()) ?? '');
        expect(await page.locator('svg .gradient').count()).toBe(walked.length);
      }
      expect(walked.toSorted()).toEqual(['tanh', '+', '×', 'a', 'b', 'c'].toSorted());
      const turn = (name: string) => walked.indexOf(name);
      for (const [user, used] of [
        ['tanh', '+'],
        ['+', '×'],
        ['+', 'c'],
        ['×', 'a'],
        ['×', 'b'],
      ]) {
        expect(turn(user)).toBeLessThan(turn(used));
      }
      await untilAddress(page, 'step', '9');
    }));

  test('a mistake is named and pointed at; the next expression draws again', () =>
    visit('/live/graph.html', async (page) => {
      const field = page.getByRole('textbox', { name: 'An expression' });
      await field.fill('tanh(a');
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').innerText()).toContain('before the “(” at character 5 is closed');
      await field.fill('q = exp(b); exp(a) / (exp(a) + q)');
      await page.locator('[data-leaf=b]').waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
      const p = sigmoid(0.5 - -1); // a = 0.5, b = −1
      expect(await gradientOf(page, 'a')).toBeCloseTo(p * (1 - p), 10);
      expect(await gradientOf(page, 'b')).toBeCloseTo(-p * (1 - p), 10);
    }));
});

describe('Gumbel draws and estimators', () => {
  const column = async (page: Page, which: number): Promise<number[]> => {
    const cells = page.locator('.frequencies [data-value]');
    const values = await cells.evaluateAll((found) =>
      found.map((cell) => Number(cell.getAttribute('data-value'))),
    );
    return values.filter((_, i) => i % 2 === which);
  };

  test('the choices have the frequencies of softmax, whatever the temperature', () =>
    visit('/live/gumbel.html?draws=5000&logits=1,0,-0.5,2', async (page) => {
      const logits = [1, 0, -0.5, 2];
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      const softmax = logits.map((logit) => Math.exp(logit) / total);
      const frequencies = await column(page, 1);
      (await column(page, 0)).forEach((p, i) => {
        expect(p).toBeCloseTo(softmax[i], 12);
        expect(Math.abs(frequencies[i] - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 5000));
      });
      await page.getByRole('spinbutton', { name: 'temperature τ, as a number' }).first().fill('0.1');
      await page.keyboard.press('Enter');
      await page.getByText('At τ = 0.1 the largest chance').waitFor();
      expect(await column(page, 1)).toEqual(frequencies);
      await page.getByRole('button', { name: 'Draw again' }).first().click();
      await untilAddress(page, 'seed', '2');
      expect(await column(page, 1)).not.toEqual(frequencies);
    }));

  test('three options are drawn in a triangle', () =>
    visit('/live/gumbel.html', async (page) => {
      expect(await page.locator('circle.draw').count()).toBe(300);
    }));

  const estimatorOf = async (page: Page, name: string) => {
    const row = page.locator(`[data-estimator="${name}"]`);
    return {
      mean: Number(await row.getAttribute('data-mean')),
      error: Number(await row.getAttribute('data-error')),
    };
  };
  const exactOf = async (page: Page) => Number(await page.locator('[data-exact]').getAttribute('data-exact'));

  test('the exact gradient, and means of estimators, as worked out by hand', () =>
    visit(
      '/live/gumbel.html?theta=0.6&x=-1&y=2&target=1',
      async (page) => {
        const p = sigmoid(0.6);
        const [atX, atY] = [4, 1]; // (x − 1)², (y − 1)²
        expect(await exactOf(page)).toBeCloseTo(p * (1 - p) * (atY - atX), 10);
        const score = await estimatorOf(page, 'score function');
        expect(Math.abs(score.mean - (await exactOf(page)))).toBeLessThan(4 * score.error);
        const straight = await estimatorOf(page, 'straight-through');
        const expected = p * (1 - p) * 3 * (p * 2 * 1 + (1 - p) * 2 * -2);
        expect(Math.abs(straight.mean - expected)).toBeLessThan(4 * straight.error);
        // Where the loss is a straight line, it is exact.
        await page.getByLabel('loss', { exact: true }).selectOption('the output itself');
        await page.waitForFunction(`document.querySelector('[data-exact]').dataset.exact > 0`);
        expect(await exactOf(page)).toBeCloseTo(p * (1 - p) * 3, 10);
        expect((await estimatorOf(page, 'straight-through')).mean).toBeCloseTo(p * (1 - p) * 3, 10);
      },
      { components: 2 },
    ));
});

test('the same where threads may share memory', async () => {
  const isolated = await openSite({ isolated: true });
  try {
    const { page, problems } = await isolated.open('/live/gumbel.html?n=10000&gates=3');
    await page.locator('[data-exact]').waitFor();
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    const row = page.locator('[data-estimator="score function, baseline"]');
    const [mean, error] = [await row.getAttribute('data-mean'), await row.getAttribute('data-error')];
    const exact = Number(await page.locator('[data-exact]').getAttribute('data-exact'));
    expect(Math.abs(Number(mean) - exact)).toBeLessThan(4 * Number(error));
    expect(problems).toEqual([]);
  } finally {
    await isolated.close();
  }
});

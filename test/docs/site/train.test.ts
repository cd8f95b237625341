/** The two pages that train, in the built site: what the reader can do there, with threads and without. */
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenOptions, openSite, type Site } from './site.ts';

/** Small enough for a machine that has other things to do. */
const SMALL = 'layers=2&width=16';
/** A machine that is busy takes its time; waiting for what comes is not measuring it. */
const PATIENCE = 120_000;

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site?.close());

/** Opens a page and waits until its models are made. */
async function openMade(path: string, from: Site = site, options: OpenOptions = {}) {
  const opened = await from.open(path, { width: 1280, height: 2400, ...options });
  await becomes(opened.page, 'ready');
  return opened;
}

async function becomes(page: Page, status: string): Promise<void> {
  await page.locator(`.lab[data-status="${status}"]`).waitFor({ timeout: PATIENCE });
}

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

async function stepOf(page: Page): Promise<number> {
  return Number((await page.locator('.where').textContent())!.match(/step (\d+)/)![1]);
}

async function reaches(page: Page, step: number): Promise<void> {
  await expect.poll(() => stepOf(page), { timeout: PATIENCE, interval: 100 }).toBeGreaterThanOrEqual(step);
}

/** A figure of the moment, such as the training loss. */
async function tile(page: Page, label: string): Promise<string> {
  const value = page.locator('.tiles > div', { hasText: label }).locator('dd').first();
  return (await value.evaluate((dd) => dd.firstChild!.textContent!)).trim();
}

/** The characters below the cells of the map. */
async function mapped(page: Page): Promise<string> {
  const titles = await page.locator('.skip-map-of-text .skip-map-cells title').allTextContents();
  return titles.flatMap((title) => title.match(/^(.) {2}token \d+\nlayer 1 /u)?.[1] ?? []).join('');
}

describe('a model trains in the page', () => {
  test.each([
    ['where memory is shared', true, /^cpu runs: .* on (one thread|\d+ threads)/],
    ['where it is not', false, /^cpu runs: .* on one thread \(memory cannot be shared here/],
  ])('%s', { timeout: 3 * PATIENCE }, async (_, isolated, runs) => {
    const host = await openSite({ isolated });
    try {
      const { page, problems } = await openMade(`/live/train.html?${SMALL}&steps=500`, host);
      expect(await page.evaluate(() => Reflect.get(globalThis, 'crossOriginIsolated'))).toBe(isolated);
      expect(await page.locator('.device .said').textContent()).toMatch(runs);
      await press(page, 'Start');
      await reaches(page, 60);
      await press(page, 'Pause');
      await becomes(page, 'paused');
      const after = Number(await tile(page, 'Held-out loss'));
      expect(after).toBeGreaterThan(1);
      expect(after).toBeLessThan(3); // one that knows nothing of its 60 and more characters is above 4
      await page.locator('svg[aria-label^="Training loss over the steps"]').waitFor();
      await page.locator('svg[aria-label^="Share of layers that run"]').waitFor();
      expect(await page.locator('.written .whole').textContent()).toMatch(/^The whale /);
      expect(problems).toEqual([]);
    } finally {
      await host.close();
    }
  });

  test('one that is chosen to run on the gpu says what runs, and trains', {
    timeout: 3 * PATIENCE,
  }, async () => {
    const { page } = await openMade('/live/train.html?layers=1&width=16&device=gpu');
    expect(await page.locator('.device .said').textContent()).toMatch(
      /^(gpu runs: |cpu runs instead of gpu: )/,
    );
    await press(page, 'Step');
    await reaches(page, 1);
    await page.close();
  });
});

describe('the reader', () => {
  test('types, and the map follows; the address keeps it', { timeout: 2 * PATIENCE }, async () => {
    const { page, problems } = await openMade(`/live/train.html?${SMALL}`);
    await expect.poll(() => mapped(page), { timeout: PATIENCE }).toMatch(/^Call␣me/);
    await page.getByLabel('Type here; the map follows').fill('a sea of ☂');
    await expect.poll(() => mapped(page), { timeout: PATIENCE }).toBe('a␣sea␣of␣☂');
    await expect.poll(() => new URL(page.url()).searchParams.get('watch')).toBe('a sea of ☂');
    await page.getByLabel('Type here; the map follows').fill('');
    await page.getByText('Nothing to read yet.').waitFor();
    expect(problems).toEqual([]);
    await page.close();
  });

  test('pauses, steps, goes on and starts over, by keys alone', { timeout: 3 * PATIENCE }, async () => {
    const { page, problems } = await openMade(`/live/train.html?${SMALL}`);
    await page.getByRole('button', { name: 'Start', exact: true }).focus();
    await page.keyboard.press('Enter');
    await reaches(page, 3);
    await page.getByRole('button', { name: 'Pause', exact: true }).focus();
    await page.keyboard.press('Space');
    await becomes(page, 'paused');
    await page.waitForTimeout(1000); // what was on its way has come
    const step = await stepOf(page);
    await press(page, 'Step');
    await reaches(page, step + 1);
    await page.waitForTimeout(500);
    expect(await stepOf(page)).toBe(step + 1);
    await press(page, 'Go on');
    await reaches(page, step + 3);
    await press(page, 'Reset');
    await becomes(page, 'ready');
    expect(await stepOf(page)).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });

  test('changes what a model can take, and is asked where it cannot', { timeout: 3 * PATIENCE }, async () => {
    const { page, problems } = await openMade(`/live/train.html?${SMALL}&steps=2000`);
    await press(page, 'Step');
    await reaches(page, 1);
    await page.locator('summary', { hasText: 'Settings' }).click();
    const asks = page.getByText('only a new model can have');
    await page.getByLabel('Density P').fill('0.8');
    await page.getByText('target 80%').waitFor();
    expect(await asks.count()).toBe(0);
    await page.getByLabel('Layers', { exact: true }).fill('3');
    await asks.waitFor();
    expect(await stepOf(page)).toBe(1);
    await press(page, 'Make the new model');
    await becomes(page, 'ready');
    expect(await stepOf(page)).toBe(0);
    expect(await asks.count()).toBe(0);
    await page.getByLabel('Router').selectOption('none');
    await becomes(page, 'ready');
    expect(await page.getByLabel('Density P').isDisabled()).toBe(true);
    expect(problems).toEqual([]);
    await page.close();
  });

  test('hands on an address, and who opens it gets the same numbers', { timeout: 3 * PATIENCE }, async () => {
    const first = await openMade(`/live/train.html?${SMALL}`);
    await first.page.locator('summary', { hasText: 'Settings' }).click();
    await first.page.getByLabel('Gumbel noise').fill('1');
    await first.page.getByLabel('Seed').fill('7');
    await first.page.getByLabel('Seed').press('Tab');
    await expect.poll(() => first.page.url()).toContain('seed=7');
    const address = first.page.url().slice(site.origin.length);
    await first.page.close();
    const losses = [];
    const problems = [...first.problems];
    for (let reader = 0; reader < 2; reader++) {
      const { page, problems: more } = await openMade(address);
      for (let step = 1; step <= 3; step++) {
        await press(page, 'Step');
        await reaches(page, step);
      }
      losses.push(await tile(page, 'Training loss'));
      await page.close();
      problems.push(...more);
    }
    expect(losses[0]).toMatch(/^\d\.\d{3}$/);
    expect(losses[1]).toBe(losses[0]);
    expect(problems).toEqual([]);
  });

  test('trains on a text of their own, which stays in the page', { timeout: 2 * PATIENCE }, async () => {
    const { page, problems } = await openMade(`/live/train.html?${SMALL}&text=own`);
    await page.locator('summary', { hasText: 'Settings' }).click();
    await page.getByText('This address was made with a text of somebody’s own').waitFor();
    await page.getByLabel('A text of your own').fill('to be or not to be, that is the question. '.repeat(40));
    await press(page, 'Train on this text');
    await becomes(page, 'ready');
    await press(page, 'Step');
    await reaches(page, 1);
    await page.getByText('your own, 1,680 characters').waitFor();
    expect(page.url()).not.toContain('question');
    expect(problems).toEqual([]);
    await page.close();
  });

  test('has room for it on a phone', { timeout: 2 * PATIENCE }, async () => {
    for (const path of ['train', 'compare']) {
      const { page } = await openMade(`/live/${path}.html`, site, { width: 390, height: 800 });
      for (const summary of await page.locator('.lab details.panel > summary').all()) await summary.click();
      const [wide, shown] = (await page.evaluate(
        'Promise.resolve([document.documentElement.scrollWidth, innerWidth])',
      )) as number[];
      expect(wide).toBe(shown);
      await page.close();
    }
  });
});

describe('two runs', () => {
  test('train to a verdict, then with another seed', { timeout: 4 * PATIENCE }, async () => {
    const { page, problems } = await openMade(
      '/live/compare.html?a_layers=2&b_layers=2&width=16&steps=50&learningRate=0.02',
    );
    await press(page, 'Start');
    await becomes(page, 'done');
    expect(await page.locator('.verdict .headline').textContent()).toMatch(/held-out text/);
    expect(await page.locator('.verdict').textContent()).toContain('One seed each (0)');
    for (const figure of ['over the steps', 'over the operations executed']) {
      await page.locator(`svg[aria-label^="Loss of both runs ${figure}"]`).waitFor();
    }
    expect(await page.locator('.skip-map-of-text svg').count()).toBe(2);
    await page.getByText(/^The two agree in \d+% of the decisions/).waitFor();
    await press(page, 'Train both with another seed');
    await page.getByText('(seed 0)').waitFor({ timeout: PATIENCE });
    expect(await page.locator('.verdict').textContent()).toContain('(seed 1)');
    expect(new URL(page.url()).searchParams.get('seed')).toBe('1');
    expect(problems).toEqual([]);
    await page.close();
  });
});

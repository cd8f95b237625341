import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { hop24Files } from '../../../src/data/hop24/files.ts';
import {
  chanceOf,
  hop24Characters,
  hop24Item,
  type Item,
  itemText,
  partOf,
} from '../../../src/data/hop24/items.ts';
import type { Task } from '../../../src/data/hop24/question.ts';
import { hop24 } from '../../../src/data/hop24/tasks.ts';
import { loadText } from '../../../src/data/load-text.ts';
import { earlier, isRight, toldIn } from './solvers.ts';

const seed = fc.nat();
const number = fc.nat(1_000_000);
const part = fc.constantFrom('train' as const, 'validation' as const);
const items = (task: Task, count: number, of: 'train' | 'validation'): Item[] =>
  Array.from({ length: count }, (_, i) => hop24Item(task, of, 7, i));

it('has 24 tasks of different names, 4 with answers to write and 20 with 2 to 5 choices', () => {
  expect(new Set(hop24.map(({ name }) => name)).size).toBe(24);
  expect(hop24.filter(({ choices }) => choices === 0)).toHaveLength(4);
  for (const { choices, doc } of hop24) {
    expect(choices === 0 || (choices >= 2 && choices <= 5)).toBe(true);
    expect(doc).toMatch(/^[A-Z].{20,}\.$/);
  }
});

it('uses only characters of the embedded corpus', () => {
  const corpus = new Set(loadText());
  expect([...hop24Characters].filter((character) => !corpus.has(character))).toEqual([]);
});

describe.each(hop24.map((task) => [task.name, task] as const))('%s', (name, task) => {
  const right = (item: Item, answer: string): boolean => isRight[name](toldIn(item.query), answer);

  it('has one right answer, by an independent solver', () => {
    fc.assert(
      fc.property(part, seed, number, (of, seed, i) => {
        const item = hop24Item(task, of, seed, i);
        const { answer, choices, gold } = item;
        expect(right(item, answer), `${item.query} ${answer}`).toBe(true);
        for (const [told, answer] of earlier[name]?.(toldIn(item.query)) ?? [])
          expect(isRight[name](told, answer), `${told} ${answer}, in ${item.query}`).toBe(true);
        expect(choices).toHaveLength(task.choices);
        if (task.choices === 0) return;
        expect(choices[gold]).toBe(answer);
        expect(choices.filter((choice) => right(item, choice))).toEqual([answer]);
      }),
    );
  });

  it('asks the same of the same task, part, seed and number, and another thing of another number', () => {
    fc.assert(
      fc.property(part, seed, number, (of, seed, i) => {
        expect(hop24Item(task, of, seed, i)).toEqual(hop24Item(task, of, seed, i));
      }),
      { numRuns: 10 },
    );
    expect(new Set(items(task, 20, 'train').map(({ query }) => query)).size).toBeGreaterThan(15);
  });

  it('asks for validation what training never sees', () => {
    fc.assert(
      fc.property(part, seed, number, (of, seed, i) => {
        expect(partOf(hop24Item(task, of, seed, i).query)).toBe(of);
      }),
    );
    const seen = new Set(items(task, 1000, 'train').map(({ query }) => query));
    const asked = items(task, 1000, 'validation').map(({ query }) => query);
    expect(asked.filter((query) => seen.has(query))).toEqual([]);
    expect(new Set(asked).size).toBeGreaterThan(70);
  });

  it('takes as many characters as every task, but for two of small English', () => {
    const lengths = items(task, 300, 'train').map((item) => itemText(item).length);
    if (name === 'cloze') expect(Math.max(...lengths)).toBe(28);
    else if (name === 'agreement') expect(new Set(lengths)).toEqual(new Set([15, 16]));
    else expect(new Set(lengths)).toEqual(new Set([16]));
  });

  it('fits with a demonstration and a blank line into 96 characters that the suite names', () => {
    for (const item of items(task, 300, 'validation')) {
      expect(2 * itemText(item).length + 2).toBeLessThanOrEqual(96);
      expect([...itemText(item)].filter((character) => !hop24Characters.includes(character))).toEqual([]);
    }
  });

  it('marks every character; what is marked as determined follows from what stands before', () => {
    const after = new Map<string, string>();
    for (const item of items(task, 1500, 'train')) {
      const text = itemText(item);
      expect(item.marks).toMatch(/^[.?!]+$/);
      expect(item.marks).toHaveLength(text.length);
      expect(item.marks.slice(item.query.length)).toMatch(task.choices === 0 ? /^\.!+$/ : /^\.\?*!\.*$/);
      [...item.marks].forEach((mark, i) => {
        const before = `${text.slice(0, i)}`;
        if (mark === '.') expect(after.get(before) ?? text[i], before).toBe(text[i]);
        if (mark === '.') after.set(before, text[i]);
      });
    }
  });

  if (task.choices > 0) {
    const asked = items(task, 2000, 'validation');
    /** Share of questions that the choice of the highest score gets right; of equals, any. */
    const shareRight = (score: (choice: string, place: number) => number): number => {
      const shares: number[] = asked.map(({ choices, gold }) => {
        const scores = choices.map(score);
        const best = Math.max(...scores);
        return scores[gold] === best ? 1 / scores.filter((other) => other === best).length : 0;
      });
      return shares.reduce((sum, share) => sum + share, 0) / shares.length;
    };
    const chance = chanceOf(task);
    // Four standard deviations of 2,000 questions, and half as much again where these are not all different.
    const near = (share: number): void => {
      expect(Math.abs(share - chance)).toBeLessThan(6 * Math.sqrt((chance * (1 - chance)) / 2000));
    };

    it('has the right choice at every place equally often', () => {
      for (let place = 0; place < task.choices; place++) near(shareRight((_, i) => (i === place ? 1 : 0)));
    });

    it('is at chance for the most frequent answer, the longest choice and the shortest', () => {
      const counts = new Map<string, number>();
      for (const { answer } of items(task, 2000, 'train')) counts.set(answer, (counts.get(answer) ?? 0) + 1);
      near(shareRight((choice) => counts.get(choice) ?? 0));
      near(shareRight((choice) => choice.length));
      near(shareRight((choice) => -choice.length));
    });
  }
});

describe('hop24Files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopgrad-hop24-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes questions and demonstrations of every task in the uniform format', () => {
    hop24Files(join(folder, 'new'), { questions: 5, seed: 3 });
    const names = hop24.flatMap(({ name }) => [`${name}.jsonl`, `${name}.train.jsonl`]);
    expect(readdirSync(join(folder, 'new')).sort()).toEqual(names.sort());
    const rows = (name: string): Record<string, unknown>[] =>
      readFileSync(join(folder, 'new', name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    for (const task of hop24) {
      const validation = rows(`${task.name}.jsonl`);
      const expected = Array.from({ length: 5 }, (_, i) => hop24Item(task, 'validation', 3, i));
      expect(validation).toEqual(
        expected.map(({ query, answer, choices, gold, marks }) =>
          task.choices === 0
            ? { context: query, answer, aliases: [answer], marks }
            : { query, choices, gold, marks },
        ),
      );
      const first = hop24Item(task, 'train', 3, 0);
      expect(rows(`${task.name}.train.jsonl`)[0]).toMatchObject({ marks: first.marks });
    }
  });
});

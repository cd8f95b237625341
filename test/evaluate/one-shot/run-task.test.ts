import { describe, expect, test } from 'vitest';
import { CharacterTokenizer } from '../../../src/data/tokenizer.ts';
import type { Question, QuestionSet } from '../../../src/evaluate/one-shot/question.ts';
import { runTask } from '../../../src/evaluate/one-shot/run-task.ts';
import { fromTypedArray } from '../../../src/index.ts';
import { defaultModel } from '../../../src/model/config.ts';
import { SkipTransformer } from '../../../src/model/skip-transformer.ts';
import { complaint } from '../../train/tiny.ts';

/** A dense model that writes `text` round and round: what follows a character hangs on that character alone. */
function parrot(text: string, context = 64): { model: SkipTransformer; tokenizer: CharacterTokenizer } {
  const tokenizer = CharacterTokenizer.fromText(text);
  const size = tokenizer.vocabularySize;
  const shape = { vocabularySize: size, context, layers: 1, dim: size, heads: 1, router: 'none' } as const;
  const model = new SkipTransformer({ ...defaultModel, ...shape });
  const ids = tokenizer.encode(text);
  const weights = [...model.stateDict()].map(([name, tensor]) => {
    const data = new Float32Array(tensor.size).fill(/norm\w*\.weight$/i.test(name) ? 1 : 0);
    if (name === 'tokens.weight') for (let i = 0; i < size; i++) data[i * size + i] = 1;
    if (name === 'head.weight') ids.forEach((id, i) => (data[ids[(i + 1) % ids.length] * size + id] = 5));
    return [name, fromTypedArray(data, tensor.shape)] as const;
  });
  model.loadStateDict(new Map(weights));
  return { model, tokenizer };
}

const alphabet = parrot('abcdefghij? ');
const setOf = (questions: Question[], training: Question[] | null = null): QuestionSet => ({
  task: 'own',
  version: 3,
  questions,
  training,
});
const choice = (context: string, ...continuations: string[]): Question => ({
  contexts: continuations.map(() => context),
  continuations,
  gold: [0],
});

test('the likeliest choice per token is taken, however long', () => {
  const questions = [choice('ab', 'cdefg', 'cj'), choice('bc', 'a', 'defghij'), choice('ef', 'gh', 'g')];
  const { answers, ...result } = runTask(alphabet.model, alphabet.tokenizer, setOf(questions), { seed: 0 });
  expect(answers.map((answer) => answer.choice)).toEqual([0, 1, answers[2].choice]);
  expect(answers.map(({ tokens }) => tokens)).toEqual([
    [5, 2],
    [1, 7],
    [2, 1],
  ]);
  expect(answers[0].correct).toBe(true);
  expect(answers[1].correct).toBe(false);
  expect(result).toMatchObject({
    name: 'own',
    version: 3,
    questions: 3,
    metric: 'accuracy',
    chance: 0.5,
    demonstrations: 'leave-one-out',
    layersPerToken: 1,
    truncatedShare: 0,
  });
  expect(result.score).toBe(answers.filter(({ correct }) => correct).length / 3);
  expect(result.flopsPerToken).toBe(result.denseFlopsPerToken);
});

test('an answer ends with its line, or where there is no more room', () => {
  const { model, tokenizer } = parrot('a?The icy.\nb');
  const asked = (answers: string[]): Question => ({ context: 'a?', answers });
  const set = setOf([asked(['ICY', 'snow']), asked(['snow'])]);
  const { answers, metric, score, chance } = runTask(model, tokenizer, set, { seed: 0 });
  expect(answers).toEqual([
    { correct: true, truncated: false, written: 'The icy.' },
    { correct: false, truncated: false, written: 'The icy.' },
  ]);
  expect({ metric, score, chance }).toEqual({ metric: 'exact match', score: 0.5, chance: 0 });
  // A quarter of the context: a space, which does not count, and fifteen characters more.
  const endless = runTask(alphabet.model, alphabet.tokenizer, set, { seed: 0 }).answers[0].written;
  expect(endless).toBe('abcdefghij? abc');
});

test('a prompt that is too long loses its beginning, and is counted', () => {
  const { model, tokenizer } = parrot('abcdefgh', 16);
  const questions = [choice('abcdefgh'.repeat(3), 'a', 'c'), choice('a', 'b', 'c')];
  const result = runTask(model, tokenizer, setOf(questions, [choice('a', 'b', 'c')]), { seed: 0 });
  expect(result.answers.map(({ truncated, correct }) => [truncated, correct])).toEqual([
    [true, true],
    [false, true],
  ]);
  expect(result).toMatchObject({ truncatedShare: 0.5, demonstrations: 'training file' });
  const open: Question = { context: 'abcdefgh'.repeat(3), answers: ['abcd'] };
  const written = runTask(model, tokenizer, setOf([open, open]), { seed: 0 });
  expect(written.answers[0]).toEqual({ correct: true, truncated: true, written: 'abcd' });
});

test('characters without a token are counted, those of demonstrations too', () => {
  const training = [choice('XY', 'ab', 'c')]; // shown as XYab: 2 of 4 unknown
  const { unknownShare } = runTask(
    alphabet.model,
    alphabet.tokenizer,
    setOf([choice('Za', 'b', 'c')], training),
    {
      seed: 0,
    },
  );
  expect(unknownShare).toBeCloseTo(3 / 8, 12); // XYab, Za, b, c
});

describe('demonstrations', () => {
  // Each question's text tells which it is: the FLOPs of a prompt grow with what is shown.
  const lengths = Array.from({ length: 6 }, (_, i) => 'abcdefghij'.slice(0, i + 1));
  const shownFor = (seed: number, limit?: number): number[] => {
    const seen: number[] = [];
    const questions = lengths.map((text) => choice(text, 'a', 'b'));
    const tokens = (): number => seen.reduce((a, b) => a + b, 0);
    for (let only = 1; only <= (limit ?? questions.length); only++) {
      const read = runTask(alphabet.model, alphabet.tokenizer, setOf(questions), {
        seed,
        limit: only,
      }).tokens;
      seen.push(read - tokens());
    }
    // demonstration and its answer, two newlines, the question
    return seen.map((read, i) => read - lengths[i].length - 2 - 2);
  };

  test('are other questions, the same ones for a seed and others for another', () => {
    const all = new Set<string>();
    for (let seed = 0; seed < 8; seed++) {
      const shown = shownFor(seed);
      expect(shownFor(seed)).toEqual(shown);
      shown.forEach((which, i) => {
        expect(which).not.toBe(i);
        expect(lengths.map((_, j) => j)).toContain(which);
      });
      all.add(shown.join());
    }
    expect(all.size).toBeGreaterThan(5);
  });

  test('are the same whatever the limit', () => {
    expect(shownFor(1, 3)).toEqual(shownFor(1).slice(0, 3));
  });

  test('one question alone has none', () => {
    const { model, tokenizer } = alphabet;
    expect(complaint(() => runTask(model, tokenizer, setOf([choice('a', 'b', 'c')]), { seed: 0 }))).toBe(
      'own has one question and no training file: there is nothing to take a demonstration from',
    );
  });
});

test('--limit counts and progress is told', () => {
  const told: number[][] = [];
  const onQuestion = (...news: number[]): unknown => told.push(news);
  const questions = Array.from({ length: 5 }, () => choice('a', 'b', 'c'));
  const { questions: asked } = runTask(alphabet.model, alphabet.tokenizer, setOf(questions), {
    seed: 0,
    limit: 2,
    onQuestion,
  });
  expect(asked).toBe(2);
  expect(told).toEqual([
    [1, 2],
    [2, 2],
  ]);
});

test('the model is left in the mode it was in, and one that gives no numbers is named', () => {
  const { model, tokenizer } = parrot('abcdef');
  model.train();
  runTask(model, tokenizer, setOf([choice('a', 'b', 'c'), choice('a', 'b', 'c')]), { seed: 0 });
  expect(model.training).toBe(true);
  const weights = [...model.stateDict()].map(
    ([name, tensor]) => [name, tensor.detach().mul(Number.NaN)] as const,
  );
  model.loadStateDict(new Map(weights));
  expect(
    complaint(() =>
      runTask(model, tokenizer, setOf([choice('a', 'b', 'c'), choice('a', 'b', 'c')]), { seed: 0 }),
    ),
  ).toContain('one-shot: the model gives probabilities that are no numbers');
});

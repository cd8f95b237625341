/** One-shot evaluation of a model on a task, by the paper's protocol. */
import type { Tokenizer } from '../../data/tokenizer.ts';
import { generate } from '../../model/generate.ts';
import type { SkipTransformer } from '../../model/skip-transformer.ts';
import { OpError } from '../../tensor/errors.ts';
import { Random } from '../../tensor/random.ts';
import { matches } from './normalise.ts';
import { choiceSequences, cutToContext, roomToWrite } from './prompt.ts';
import {
  type ChoiceQuestion,
  chance,
  demonstration,
  isOpen,
  type OpenQuestion,
  type Question,
  type QuestionSet,
} from './question.ts';
import { logProbabilities } from './score.ts';
import { Work } from './work.ts';

export interface OneShotOptions {
  /** Draws the demonstrations: the same ones for a task, a seed and a question's number. */
  seed: number;
  /** Asks the first so many questions only. */
  limit?: number;
  /** Told after every question. */
  onQuestion?: (done: number, of: number) => void;
}

/** What a model made of one question. */
export interface Answer {
  correct: boolean;
  truncated: boolean;
  /** Multiple choice: the chosen one, with log P of every choice in nats and its length in tokens. */
  choice?: number;
  logProbabilities?: number[];
  tokens?: number[];
  /** Generation: what it wrote. */
  written?: string;
}

export interface TaskResult {
  name: string;
  version: number;
  questions: number;
  /** Where the demonstrations come from: a training file, or another of the questions themselves. */
  demonstrations: 'training file' | 'leave-one-out';
  metric: 'accuracy' | 'exact match';
  /** Share of questions answered rightly, and by guessing. */
  score: number;
  chance: number;
  /** Means over the tokens read; what choices share is read once. */
  layersPerToken: number;
  flopsPerToken: number;
  denseFlopsPerToken: number;
  tokens: number;
  /** Share of questions that did not fit into the context whole. */
  truncatedShare: number;
  /** Share of characters that the tokenizer has no token for. */
  unknownShare: number;
  answers: Answer[];
}

/** Asks a model every question of a task. @throws Error where a demonstration is not to be had */
export function runTask(
  model: SkipTransformer,
  tokenizer: Tokenizer,
  { task, version, questions, training }: QuestionSet,
  { seed, limit = questions.length, onQuestion }: OneShotOptions,
): TaskResult {
  if (!training && questions.length < 2) {
    throw new Error(
      `${task} has one question and no training file: there is nothing to take a demonstration from`,
    );
  }
  const asked = questions.slice(0, limit);
  const random = new Random(seed).fork('one-shot').fork(task);
  const work = new Work();
  const read = { characters: 0, unknown: 0 };
  const answers = model.inEvaluation(() =>
    asked.map((question, i) => {
      const shot = demonstration(drawShot(training, questions, i, random.fork(i)));
      countUnknown(tokenizer, shot, question, read);
      const answer = isOpen(question)
        ? write(model, tokenizer, question, shot, work)
        : choose(model, tokenizer, question, shot, work);
      onQuestion?.(i + 1, asked.length);
      return answer;
    }),
  );
  const share = (is: (answer: Answer) => boolean): number => answers.filter(is).length / answers.length;
  return {
    name: task,
    version,
    questions: answers.length,
    demonstrations: training ? 'training file' : 'leave-one-out',
    metric: isOpen(asked[0]) ? 'exact match' : 'accuracy',
    score: share(({ correct }) => correct),
    chance: chance(asked),
    ...work.perToken,
    tokens: work.tokens,
    truncatedShare: share(({ truncated }) => truncated),
    unknownShare: read.unknown / read.characters,
    answers,
  };
}

/** Any training question; without those, any question but the one that is asked. */
function drawShot(
  training: Question[] | null,
  questions: Question[],
  asked: number,
  random: Random,
): Question {
  if (training) return training[random.int(training.length)];
  const other = random.int(questions.length - 1);
  return questions[other < asked ? other : other + 1];
}

/** The choice with the largest log P(choice | context) per token. */
function choose(
  model: SkipTransformer,
  tokenizer: Tokenizer,
  question: ChoiceQuestion,
  shot: string,
  work: Work,
): Answer {
  const whole = choiceSequences(question, shot, tokenizer);
  const { sequences, truncated } = cutToContext(whole, model.config.context);
  const logs = logProbabilities(model, sequences, work);
  if (!logs.every(Number.isFinite))
    throw new OpError(
      'one-shot',
      'the model gives probabilities that are no numbers; train it again with a lower learning rate',
    );
  const tokens = sequences.map(({ ids, start }) => ids.length - start);
  const perToken = logs.map((log, i) => log / tokens[i]);
  const choice = perToken.indexOf(Math.max(...perToken));
  return { correct: question.gold.includes(choice), truncated, choice, logProbabilities: logs, tokens };
}

/** The likeliest tokens one after the other, up to the end of the line. */
function write(
  model: SkipTransformer,
  tokenizer: Tokenizer,
  { context, answers }: OpenQuestion,
  shot: string,
  work: Work,
): Answer {
  const room = roomToWrite(model.config.context);
  const whole = tokenizer.encode(`${shot}\n\n${context}`);
  const prompt = whole.subarray(Math.max(0, whole.length - (model.config.context - room)));
  const ids: number[] = [];
  let written = '';
  let read = 0;
  for (const { id, active, flops } of generate(model, prompt, { tokens: room, temperature: 0 })) {
    const layers = model.config.layers - active.length + active.filter(Boolean).length;
    work.add(1, { layers, ...flops });
    if (++read <= prompt.length) continue;
    ids.push(id);
    written = tokenizer.decode(ids);
    if (written.includes('\n')) break;
  }
  [written] = written.split('\n');
  return {
    correct: matches(written, answers),
    truncated: prompt.length < whole.length,
    written: written.trim(),
  };
}

function countUnknown(
  tokenizer: Tokenizer,
  shot: string,
  question: Question,
  read: { characters: number; unknown: number },
): void {
  const texts = isOpen(question) ? [question.context] : [...question.contexts, ...question.continuations];
  const ids = tokenizer.encode([shot, ...new Set(texts)].join(''));
  read.characters += ids.length;
  if (tokenizer.kind === 'character') read.unknown += ids.filter((id) => id === 0).length;
}

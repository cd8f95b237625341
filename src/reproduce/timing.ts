/**
 * How fast the trained models are. Taken when all cells are done and nothing else runs; models take turns, so that what
 * slows the machine down slows all of them, and stand beside their dense twins, of as many layers that all run.
 *
 * How much a layer costs hangs on how many tokens run it, so a model is timed with the weights it was trained to: those
 * that run-cell.ts keeps of the first seed. A twin without a cell needs none.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setExitThreshold } from '../evaluate/calibrate-exit.ts';
import { mean } from '../evaluate/evaluate.ts';
import { generate } from '../model/generate.ts';
import { readTensors } from '../train/checkpoint.ts';
import type { RunConfig } from '../train/config.ts';
import { type Corpus, loadCorpus, readJson } from '../train/corpus.ts';
import { Trainer } from '../train/trainer.ts';
import { writeFileAtomically } from '../train/write-file.ts';
import { runPath } from './cell-files.ts';
import { originHere } from './origin.ts';
import type { CellResult, Timing, Timings } from './types.ts';

export interface TimingOptions {
  /** Turns that count; the one before them warms up. */
  rounds: number;
  /** Threads of the current device, for the record. */
  threads: number;
  /** Ends it early, with nothing written. */
  signal?: AbortSignal;
  onTurn?: (done: number, of: number) => void;
}

/** Steps of training in a turn. */
const STEPS = 2;
/** Smaller than any weight notices: routing stays as it was trained. */
const NO_LEARNING = 1e-30;

type Row = Pick<Timing, 'model' | 'layers' | 'density'>;

/** A model and what its turns came to. */
interface Subject {
  row: Row;
  trainer: Trainer;
  turns: Omit<Timing, keyof Row>[];
}

const rowOf = ({ model, layers, density }: Row): string => `${model} ${layers} ${density}`;

export function timingFile(folder: string): string {
  return join(folder, 'timing.json');
}

/** Null where timing.json is not there, or damaged: timings can be taken again. */
export function readTimings(folder: string): Timings | null {
  const file = timingFile(folder);
  if (!existsSync(file)) return null;
  try {
    const timings = readJson(file) as unknown as Timings;
    const whole = (row: Timing): boolean => row.decodeSecondsPerToken > 0 && row.trainingTokensPerSecond > 0;
    return timings.rows.every(whole) && timings.origin.date.length > 0 ? timings : null;
  } catch {
    return null;
  }
}

/** Whether timing.json lacks a model that has a cell. */
export function timingsAreMissing(folder: string, results: readonly CellResult[]): boolean {
  const there = new Set(readTimings(folder)?.rows.map(rowOf));
  return results.some((result) => !there.has(rowOf(result)));
}

/**
 * Times every model of some results, and its twin, on the current device, and writes timing.json.
 *
 * @returns names of the cells whose weights are not there any more, nor those of another seed; null where `signal` came first
 */
export async function takeTimings(
  folder: string,
  results: readonly CellResult[],
  { rounds, threads, signal, onTurn }: TimingOptions,
): Promise<string[] | null> {
  const corpus = loadCorpus(results[0].config);
  const { subjects, untimed } = subjectsOf(folder, results, corpus);
  const of = subjects.length * (rounds + 1);
  for (let turn = 0; turn < of; turn++) {
    await nextTurn();
    if (signal?.aborted) return null;
    const subject = subjects[turn % subjects.length];
    const figures = takeTurn(subject.trainer, corpus);
    if (turn >= subjects.length) subject.turns.push(figures);
    onTurn?.(turn + 1, of);
  }
  const timings: Timings = {
    origin: originHere(),
    threads,
    rows: subjects.map(({ row, turns }) => ({
      ...row,
      trainingTokensPerSecond: median(turns.map((turn) => turn.trainingTokensPerSecond)),
      decodeSecondsPerToken: median(turns.map((turn) => turn.decodeSecondsPerToken)),
      trainingFlopsPerToken: median(turns.map((turn) => turn.trainingFlopsPerToken)),
      decodeFlopsPerToken: median(turns.map((turn) => turn.decodeFlopsPerToken)),
    })),
  };
  writeFileAtomically(timingFile(folder), `${JSON.stringify(timings, null, 2)}\n`);
  return untimed;
}

/** What is to be timed, by layers: twins take their turns one after the other. */
function subjectsOf(
  folder: string,
  results: readonly CellResult[],
  corpus: Corpus,
): { subjects: Subject[]; untimed: string[] } {
  const subjects = new Map<string, Subject>();
  const add = (row: Row, config: RunConfig): Trainer => {
    const trainer = stillTrainer(config, corpus);
    subjects.set(rowOf(row), { row, trainer, turns: [] });
    return trainer;
  };
  for (const { cell, model, layers, density, config, exitThreshold } of results) {
    const row = { model, layers, density };
    const weights = join(runPath(folder, { name: cell }), 'model.safetensors');
    if (subjects.has(rowOf(row)) || !existsSync(weights)) continue;
    const trainer = add(row, config);
    trainer.model.loadStateDict(readTensors(weights).tensors);
    if (exitThreshold !== undefined) setExitThreshold(trainer.model, exitThreshold);
  }
  const narrowFirst = [...results].sort((a, b) => a.config.model.feedForward - b.config.model.feedForward);
  for (const { layers, config } of narrowFirst) {
    const twin = { model: 'dense', layers, density: 1 };
    if (!subjects.has(rowOf(twin))) add(twin, { ...config, model: { ...config.model, router: 'none' } });
  }
  const untimed = results.filter((result) => !subjects.has(rowOf(result))).map(({ cell }) => cell);
  const sorted = [...subjects.values()].sort((a, b) => a.row.layers - b.row.layers);
  return { subjects: sorted, untimed };
}

/** Steps as at the end of the training of `config`, that change nothing. */
function stillTrainer({ training, ...rest }: RunConfig, { dataset }: Corpus): Trainer {
  const still = {
    learningRate: NO_LEARNING,
    noiseStart: training.noiseEnd,
    densityFallStart: 0,
    densityFallEnd: 0,
    steps: Number.MAX_SAFE_INTEGER,
    evaluateEvery: Number.MAX_SAFE_INTEGER,
  };
  return new Trainer({ ...rest, training: { ...training, ...still } }, dataset);
}

/** Some steps, and a text that continues a third of a context of held-out text up to a whole one. */
function takeTurn(trainer: Trainer, { dataset }: Corpus): Omit<Timing, keyof Row> {
  const { context } = trainer.model.config;
  const { batchSize } = trainer.config;
  const began = performance.now();
  const steps = Array.from({ length: STEPS }, () => trainer.trainStep());
  const trainingSeconds = (performance.now() - began) / 1000;

  const prompt = dataset.validation.subarray(0, Math.floor(context / 3));
  const tokens = context - prompt.length;
  const flops: number[] = [];
  let read = 0;
  let started = 0;
  for (const token of generate(trainer.model, prompt, { tokens, temperature: 0 })) {
    if (++read === prompt.length) started = performance.now();
    if (read > prompt.length) flops.push(token.flops.executed);
  }
  const decodeSeconds = (performance.now() - started) / 1000;
  return {
    trainingTokensPerSecond: (STEPS * batchSize * context) / trainingSeconds,
    decodeSecondsPerToken: decodeSeconds / tokens,
    trainingFlopsPerToken: mean(steps.map(({ flopsPerToken }) => flopsPerToken)),
    decodeFlopsPerToken: mean(flops),
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)] + sorted[Math.ceil(middle - 0.5)]) / 2;
}

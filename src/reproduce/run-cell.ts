/** One cell of the grid: a model trained in a folder of its own, measured, and written down in one file. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { TextDataset } from '../data/text-dataset.ts';
import { calibrateExit } from '../evaluate/calibrate-exit.ts';
import { analyseDepth } from '../evaluate/depth-analysis.ts';
import { mean } from '../evaluate/evaluate.ts';
import { runTask, type TaskResult } from '../evaluate/one-shot/run-task.ts';
import { lock } from '../train/lock.ts';
import { measure } from '../train/summary.ts';
import { TrainingRun } from '../train/training-run.ts';
import { writeFileAtomically } from '../train/write-file.ts';
import { resultFile, runPath } from './cell-files.ts';
import type { Cell } from './grid.ts';
import { hop24Questions } from './hop24-questions.ts';
import { models } from './models.ts';
import { originHere } from './origin.ts';
import type { CellResult, TaskScore } from './types.ts';
import { trainingShare } from './work.ts';

export interface CellOptions {
  /** Where results go: `<folder>/<cell>.json`, and the training into `<folder>/runs/<cell>`. */
  folder: string;
  /** hop-24 asks so many questions a task. */
  questions: number;
  /** The command line that trains the cell, for the record. */
  command: string;
  /** What stays of the training's folder: all of it, or the weights, with which timings are taken. Default: nothing. */
  keep?: 'all' | 'weights';
  /** Told the share that is done, from 0 to 1. */
  onProgress?: (share: number) => void;
  /** Ends the work early, at a checkpoint. */
  signal?: AbortSignal;
  /** How long to wait for another process that still works on the cell, in seconds. Default 60. */
  patience?: number;
}

/** Batches that the threshold of early exits is found on. */
const CALIBRATION_BATCHES = 8;

/**
 * Trains a cell on the current device, from where an earlier call left it, measures it and writes its file.
 *
 * @returns whether the file is there: not where `signal` came first
 * @throws Error where it cannot be trained, or another process does so
 */
export async function runCell(cell: Cell, options: CellOptions): Promise<boolean> {
  const { folder, keep, signal, onProgress, patience = 60 } = options;
  await othersLeave(runPath(folder, cell), patience, signal);
  if (signal?.aborted) return false;
  if (existsSync(resultFile(folder, cell))) return true; // made by the process that was waited for
  const run = openRun(cell, runPath(folder, cell));
  try {
    const share = trainingShare(cell, options.questions);
    const { steps } = cell.config.training;
    onProgress?.((share * run.trainer.step) / steps);
    await run.train({ signal, onStep: ({ step }) => onProgress?.((share * step) / steps) });
    if (!run.trainer.done) return false;
    const result = await measureCell(cell, run, options, share);
    if (!result) return false;
    if (keep) await run.saveModel();
    writeFileAtomically(resultFile(folder, cell), `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    run.close();
  }
  if (keep !== 'all') clear(run.folder.path, keep === 'weights');
  return true;
}

/** Waits while another process trains in a folder: a child whose parent was killed ends soon, but not in its middle. */
async function othersLeave(path: string, patience: number, signal?: AbortSignal): Promise<void> {
  const file = join(path, 'lock');
  const end = performance.now() + 1000 * patience;
  while (existsSync(file) && performance.now() < end && !signal?.aborted) {
    try {
      return lock(file)(); // nobody's any more
    } catch {
      await delay(100);
    }
  }
}

/** Continues the training in a folder; begins it where there is none, or nothing to continue from. */
function openRun({ config }: Cell, path: string): TrainingRun {
  const has = (name: string): boolean => existsSync(join(path, name));
  const weightsAlone = has('model.safetensors') && !has('checkpoint.safetensors');
  if (has('config.json') && !weightsAlone) return TrainingRun.resume(path);
  if (weightsAlone) rmSync(path, { recursive: true }); // what a finished cell leaves; its file was deleted to train anew
  mkdirSync(join(path, '..'), { recursive: true });
  return TrainingRun.create(config, path);
}

/** Deletes the folder of a training, or all of it that the weights do not need to be loaded. */
function clear(path: string, keepWeights: boolean): void {
  const names = keepWeights ? ['checkpoint.safetensors', 'metrics.jsonl'] : ['.'];
  for (const name of names) rmSync(join(path, name), { recursive: true, force: true });
}

/** Null where `signal` came first. */
async function measureCell(
  cell: Cell,
  run: TrainingRun,
  { questions, command, signal, onProgress }: CellOptions,
  before: number,
): Promise<CellResult | null> {
  const { trainer, corpus, metrics } = run;
  const { model } = trainer;
  const { layers } = model.config;
  /** Between parts, so that signals and messages get their turn. */
  const stopped = async (): Promise<boolean> => {
    await nextTurn();
    return signal?.aborted ?? false;
  };
  const exit = models[cell.model].calibrated ? calibrated(cell, run) : {};
  if (await stopped()) return null;
  const held = measure(model, corpus, Number.POSITIVE_INFINITY);
  if (await stopped()) return null;
  const depth = analyseDepth(model, corpus.tokenizer, corpus.dataset.validation);
  const tasks: TaskScore[] = [];
  const sets = hop24Questions(questions);
  for (const [i, set] of sets.entries()) {
    if (await stopped()) return null;
    tasks.push(scoreOf(runTask(model, corpus.tokenizer, set, { seed: 0 })));
    onProgress?.(before + ((1 - before) * (i + 1)) / sets.length);
  }
  return {
    cell: cell.name,
    model: cell.model,
    layers,
    density: cell.density,
    seed: cell.seed,
    command,
    config: { ...cell.config, model: run.config.model }, // with the text's vocabulary
    origin: originHere(),
    parameters: model.parameterCount(),
    ...exit,
    training: {
      seconds: run.seconds,
      trainLoss: metrics[metrics.length - 1].trainLoss,
      flopsPerToken: mean(metrics.map(({ flopsPerToken }) => flopsPerToken)),
    },
    text: {
      loss: held.loss,
      bitsPerCharacter: held.bitsPerCharacter,
      tokens: held.tokens,
      layersPerToken: held.densityPerLayer.length === 0 ? layers : held.density * layers,
      flopsPerToken: held.flopsPerToken,
      denseFlopsPerToken: held.denseFlopsPerToken,
      densityPerLayer: held.densityPerLayer,
      lossDepthCorrelation: depth.lossDepthCorrelation,
      kinds: depth.kinds,
      words: depth.words,
    },
    tasks,
  };
}

/** Sets the threshold of early exits, by text that training has seen. */
function calibrated(
  { layers, density }: Cell,
  { trainer: { model }, corpus }: TrainingRun,
): { exitThreshold: number } {
  const seen = new TextDataset(corpus.dataset.train);
  const { context } = model.config;
  const batches = seen.validationBatches({ batchSize: 16, context, limit: CALIBRATION_BATCHES });
  return { exitThreshold: calibrateExit(model, batches, layers * density).threshold };
}

function scoreOf(result: TaskResult): TaskScore {
  const { name, metric, questions, score, chance, layersPerToken, flopsPerToken } = result;
  return { name, metric, questions, score, chance, layersPerToken, flopsPerToken };
}

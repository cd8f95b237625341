import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DeviceLost } from '../device/device.ts';
import { useDevice } from '../device/use-device.ts';
import { checkSize, readCheckpoint, writeCheckpoint, writeTensors } from './checkpoint.ts';
import type { RunConfig } from './config.ts';
import { type Corpus, loadCorpus } from './corpus.ts';
import { packageVersion, RunFolder } from './run-folder.ts';
import { type StepMetrics, Trainer, withoutPrefix } from './trainer.ts';

/** A device that is lost so often before a step is done is not started again. */
const MOST_LOSSES = 3;

export interface TrainOptions {
  onStep?: (row: StepMetrics) => void;
  /** Told in a sentence what happens where the device is lost. Steps since the last checkpoint come again. */
  onNotice?: (notice: string) => void;
  signal?: AbortSignal;
}

/**
 * A training in a folder: every step logged, the state saved now and then, to be continued after any
 * interruption.
 */
export class TrainingRun {
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly corpus: Corpus;
  /** One row per step done. */
  readonly metrics: StepMetrics[] = [];
  #trainer: Trainer;
  #secondsBefore: number;
  #resumedAt: number | null = null;
  readonly #identity: string;

  private constructor(folder: RunFolder, config: RunConfig, corpus: Corpus, trainer?: Trainer) {
    this.folder = folder;
    this.config = config;
    this.corpus = corpus;
    this.#identity = folder.identity();
    const { trainer: continued, seconds } = this.#restored(trainer);
    this.#trainer = continued;
    this.#secondsBefore = seconds;
  }

  /**
   * Begins a run on the current device. The model's vocabulary is that of the text's tokenizer.
   *
   * @param path the run's folder; by default a new one under runs/
   * @throws Error where the configuration, the text or the folder will not do
   */
  static create({ model, ...rest }: RunConfig, path?: string): TrainingRun {
    const corpus = loadCorpus(rest);
    const { vocabularySize } = corpus.tokenizer;
    const config = { model: { ...model, vocabularySize }, ...rest };
    const trainer = new Trainer(config, corpus.dataset); // refuses before there is a folder
    return TrainingRun.#open(RunFolder.create(config, corpus, path), config, corpus, trainer);
  }

  /**
   * Continues a run from its last checkpoint, or from the beginning where it has none yet, with the same bits
   * as a run never stopped.
   *
   * @throws Error where the folder holds no run, another process trains it, or its text has changed
   */
  static resume(path: string): TrainingRun {
    const folder = new RunFolder(path);
    const config = folder.config();
    const corpus = folder.corpus();
    folder.lock();
    return TrainingRun.#open(folder, config, corpus);
  }

  static #open(folder: RunFolder, config: RunConfig, corpus: Corpus, trainer?: Trainer): TrainingRun {
    try {
      return new TrainingRun(folder, config, corpus, trainer);
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  /** What trains. After the loss of a device it is another. */
  get trainer(): Trainer {
    return this.#trainer;
  }

  /**
   * Goes back to the last checkpoint, or to the beginning where there is none. Rows after it are dropped.
   *
   * @param fresh a trainer at the beginning, if there is one already
   */
  #restored(fresh?: Trainer): { trainer: Trainer; seconds: number } {
    const { folder, config, metrics } = this;
    const file = folder.file('checkpoint.safetensors');
    const checkpoint = existsSync(file) ? readCheckpoint(file, this.#identity) : null;
    if (checkpoint) checkSize(file, withoutPrefix(checkpoint.state, 'model.'), config.model);
    const trainer = fresh ?? new Trainer(config, this.corpus.dataset);
    if (checkpoint) trainer.restore(checkpoint.state, checkpoint.step);
    const rows = folder.metrics().filter(({ step }) => step <= trainer.step);
    if (rows.length !== trainer.step) {
      throw new Error(
        `${folder.path}/metrics.jsonl holds ${rows.length} steps and the checkpoint is at step ${trainer.step}: ` +
          'rows are missing, so the run cannot be continued',
      );
    }
    if (!checkpoint && existsSync(folder.file('model.safetensors'))) {
      throw new Error(
        `${folder.path} holds a trained model but no checkpoint.safetensors: continuing would begin anew; train into a new folder`,
      );
    }
    folder.startMetrics(rows);
    metrics.length = 0;
    for (const row of rows) metrics.push(row);
    return { trainer, seconds: checkpoint?.seconds ?? 0 };
  }

  /** Time spent training, earlier sessions included. */
  get seconds(): number {
    const now = performance.now();
    return this.#secondsBefore + Math.max(0, now - (this.#resumedAt ?? now)) / 1000;
  }

  /**
   * Trains to the end, or until `signal` aborts; then the state is saved. A device that is lost is started
   * again, and training goes on from the last checkpoint.
   *
   * @throws DeviceLost where it is lost again and again before it has done one more step
   */
  async train({ onStep, onNotice, signal }: TrainOptions = {}): Promise<void> {
    this.#resumedAt ??= performance.now();
    let furthest = this.trainer.step;
    for (let losses = 0; ; losses++) {
      try {
        if (losses > 0) onNotice?.(await this.#startAgain());
        return await this.#trainOn(onStep, signal);
      } catch (error) {
        if (!(error instanceof DeviceLost)) throw error;
        const { step } = this.trainer;
        if (step > furthest) losses = 0;
        furthest = Math.max(furthest, step);
        if (losses + 1 === MOST_LOSSES) throw error;
      }
    }
  }

  async #trainOn(onStep: TrainOptions['onStep'], signal: TrainOptions['signal']): Promise<void> {
    const { trainer, folder, metrics } = this;
    let saved = trainer.step;
    while (!trainer.done && !signal?.aborted) {
      const row = trainer.trainStep();
      metrics.push(row);
      folder.appendMetrics(row);
      onStep?.(row);
      if (trainer.done || trainer.step % trainer.config.checkpointEvery === 0) {
        await this.save();
        saved = trainer.step;
      }
      await nextTurn(); // signals and timers get their turn
    }
    if (saved < trainer.step) await this.save();
  }

  /**
   * After the loss of a device: starts it again, or `cpu` in its place, and goes back to the last checkpoint.
   */
  async #startAgain(): Promise<string> {
    const { name } = this.trainer.model.head.weight.device;
    const lost = `the device ${name} was lost after step ${this.trainer.step}`;
    const { running, reason } = await useDevice(name);
    this.#trainer = this.#restored().trainer;
    const how =
      running === name ? 'was started again' : `cannot be started again (${reason}): ${running} takes over`;
    return `${lost} and ${how}; training goes on from step ${this.trainer.step}, the last that was saved`;
  }

  /** Writes checkpoint.safetensors. */
  async save(): Promise<void> {
    const { folder, trainer, seconds } = this;
    folder.syncMetrics();
    await writeCheckpoint(folder.file('checkpoint.safetensors'), {
      step: trainer.step,
      seconds,
      identity: this.#identity,
      state: trainer.state(),
    });
  }

  /** Writes model.safetensors: the weights alone, for other tools. */
  async saveModel(): Promise<void> {
    const { folder, trainer } = this;
    const metadata = { format: 'pt', hopgrad: packageVersion, step: String(trainer.step) };
    await writeTensors(folder.file('model.safetensors'), trainer.model.stateDict(), metadata);
  }

  /** Lets other processes have the folder. */
  close(): void {
    this.folder.close();
  }
}

import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkSize, readCheckpoint, writeCheckpoint, writeTensors } from './checkpoint.ts';
import type { RunConfig } from './config.ts';
import { type Corpus, loadCorpus } from './corpus.ts';
import { packageVersion, RunFolder } from './run-folder.ts';
import { type StepMetrics, Trainer, withoutPrefix } from './trainer.ts';

/** A training in a folder: every step logged, the state saved now and then, to be continued after any interruption. */
export class TrainingRun {
  readonly folder: RunFolder;
  readonly config: RunConfig;
  readonly corpus: Corpus;
  readonly trainer: Trainer;
  /** One row per step done. */
  readonly metrics: StepMetrics[];
  #secondsBefore: number;
  #resumedAt: number | null = null;
  readonly #identity: string;

  private constructor(folder: RunFolder, config: RunConfig, corpus: Corpus, trainer?: Trainer) {
    this.folder = folder;
    this.config = config;
    this.corpus = corpus;
    this.#identity = folder.identity();
    const file = folder.file('checkpoint.safetensors');
    const checkpoint = existsSync(file) ? readCheckpoint(file, this.#identity) : null;
    if (checkpoint) checkSize(file, withoutPrefix(checkpoint.state, 'model.'), config.model);
    this.trainer = trainer ?? new Trainer(config, corpus.dataset);
    if (checkpoint) this.trainer.restore(checkpoint.state, checkpoint.step);
    this.#secondsBefore = checkpoint?.seconds ?? 0;
    this.metrics = folder.metrics().filter(({ step }) => step <= this.trainer.step);
    if (this.metrics.length !== this.trainer.step) {
      throw new Error(
        `${folder.path}/metrics.jsonl holds ${this.metrics.length} steps and the checkpoint is at step ${this.trainer.step}: ` +
          'rows are missing, so the run cannot be continued',
      );
    }
    if (!checkpoint && existsSync(folder.file('model.safetensors'))) {
      throw new Error(
        `${folder.path} holds a trained model but no checkpoint.safetensors: continuing would begin anew; train into a new folder`,
      );
    }
    folder.startMetrics(this.metrics);
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
   * Continues a run from its last checkpoint, or from the beginning where it has none yet, with the same bits as a run
   * never stopped.
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

  /** Time spent training, earlier sessions included. */
  get seconds(): number {
    const now = performance.now();
    return this.#secondsBefore + Math.max(0, now - (this.#resumedAt ?? now)) / 1000;
  }

  /** Trains to the end, or until `signal` aborts; then the state is saved. */
  async train(options: { onStep?: (row: StepMetrics) => void; signal?: AbortSignal } = {}): Promise<void> {
    const { trainer, folder, metrics } = this;
    let saved = trainer.step;
    this.#resumedAt ??= performance.now();
    while (!trainer.done && !options.signal?.aborted) {
      const row = trainer.trainStep();
      metrics.push(row);
      folder.appendMetrics(row);
      options.onStep?.(row);
      if (trainer.done || trainer.step % trainer.config.checkpointEvery === 0) {
        await this.save();
        saved = trainer.step;
      }
      await nextTurn(); // signals and timers get their turn
    }
    if (saved < trainer.step) await this.save();
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

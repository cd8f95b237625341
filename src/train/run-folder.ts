/** The folder of a run: its names, its configuration, its log and its lock. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Tokenizer } from '../data/tokenizer.ts';
import { tokenizerFromJSON } from '../data/tokenizer-from-json.ts';
import { mean } from '../evaluate/evaluate.ts';
import { checkModelConfig, defaultModel, densityPerLayer } from '../model/config.ts';
import { type RouterName, routers } from '../routing/table.ts';
import { checkTrainingConfig, defaultTraining, type RunConfig } from './config.ts';
import { type Corpus, loadCorpus, readJson } from './corpus.ts';
import { lock } from './lock.ts';
import type { StepMetrics } from './trainer.ts';
import { about, writeFileAtomically } from './write-file.ts';

/** What config.json holds. */
export interface SavedConfig extends RunConfig {
  format: 'hopgrad-run';
  /** Version of the package, and of Node, that began the run. */
  hopgrad: string;
  node: string;
  /** The text, so that one changed in between is noticed. */
  text: { sha256: string; characters: number; tokens: number };
}

export const packageVersion: string = createRequire(import.meta.url)('hopgrad/package.json').version;

export class RunFolder {
  readonly path: string;
  #unlock: (() => void) | null = null;
  #log: number | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder of a new run, locked, with config.json and tokenizer.json in it.
   *
   * @param path a folder that is not there or empty; by default one under runs/, named for the configuration
   */
  static create(config: RunConfig, corpus: Corpus, path?: string): RunFolder {
    const folder = new RunFolder(path === undefined ? makeNumbered(join('runs', runName(config))) : path);
    makeFolder(folder.path);
    const names = readdirSync(folder.path);
    if (names.length > 0 && !isBeginning(names)) {
      throw new Error(
        `the folder ${path} is not empty; choose another, or continue the run in it with --resume ${path}`,
      );
    }
    folder.lock();
    try {
      folder.writeJson('tokenizer.json', corpus.tokenizer.toJSON());
      folder.writeJson('config.json', savedConfig(config, corpus));
    } catch (error) {
      rmSync(folder.file('tokenizer.json'), { force: true }); // so that the same command works once there is room
      folder.close();
      throw error;
    }
    return folder;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  writeJson(name: string, value: unknown): void {
    writeFileAtomically(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** @throws Error where there is no run in this folder, or its config.json is damaged */
  config(): SavedConfig {
    const file = this.file('config.json');
    if (!statSync(this.path, { throwIfNoEntry: false })) throw new Error(`there is no folder ${this.path}`);
    if (!existsSync(file))
      throw new Error(`${this.path} is not the folder of a run: it holds no config.json`);
    const json = readJson(file);
    if (json.format !== 'hopgrad-run') throw new Error(`${file} is not the configuration of a hopgrad run`);
    try {
      return checked(json as unknown as SavedConfig);
    } catch (error) {
      throw new Error(`${file}: ${(error as Error).message.slice(0, 300)}`, { cause: error });
    }
  }

  tokenizer(): Tokenizer {
    const file = this.file('tokenizer.json');
    if (!existsSync(file)) throw new Error(`${this.path} is incomplete: it holds no tokenizer.json`);
    const tokenizer = tokenizerFromJSON(readJson(file));
    if (tokenizer.vocabularySize === this.config().model.vocabularySize) return tokenizer;
    throw new Error(`${file} has another vocabulary than config.json says; put the right one back`);
  }

  /** The text of the run, as its tokenizer reads it. @throws Error where it has changed since the run began */
  corpus(): Corpus {
    const { data, text, training } = this.config();
    const corpus = loadCorpus({ data, tokenizer: this.tokenizer(), training });
    if (corpus.sha256 === text.sha256) return corpus;
    throw new Error(
      `the text ${data ?? 'that comes with hopgrad'} has changed since the run ${this.path} began`,
    );
  }

  /** Fingerprint of config.json and tokenizer.json: with the code, all that the numbers of a run follow from. */
  identity(): string {
    const hash = createHash('sha256');
    for (const name of ['config.json', 'tokenizer.json']) hash.update(readFileSync(this.file(name)));
    return hash.digest('hex');
  }

  /** Keeps other processes from writing here until `close`. @throws Error naming the process that does so already */
  lock(): void {
    this.#unlock = lock(this.file('lock'));
  }

  /** The rows of metrics.jsonl; what a crash cut off at the end is left out. */
  metrics(): StepMetrics[] {
    const file = this.file('metrics.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line, i) => {
      try {
        return JSON.parse(line);
      } catch {
        throw new Error(`${file} is damaged in line ${i + 1}: it is not JSON`);
      }
    });
  }

  /** Replaces metrics.jsonl, and lets `appendMetrics` go on from there. */
  startMetrics(rows: readonly StepMetrics[]): void {
    const file = this.file('metrics.jsonl');
    writeFileAtomically(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    if (this.#log !== null) closeSync(this.#log);
    this.#log = openSync(file, 'a');
  }

  appendMetrics(row: StepMetrics): void {
    const line = Buffer.from(`${JSON.stringify(row)}\n`);
    try {
      // A disk that fills up takes part of a line, and says so only at the next write.
      for (let written = 0; written < line.length; ) written += writeSync(this.#log!, line, written);
    } catch (error) {
      throw about(this.file('metrics.jsonl'), error);
    }
  }

  /** Makes the log last, so that a checkpoint is never ahead of it. */
  syncMetrics(): void {
    fsyncSync(this.#log!);
  }

  close(): void {
    if (this.#log !== null) closeSync(this.#log);
    this.#log = null;
    this.#unlock?.();
    this.#unlock = null;
  }
}

/** Whether these files are what a run leaves that is killed before its config.json is there. */
function isBeginning(names: readonly string[]): boolean {
  const left = /^(lock(\.\d+)?|tokenizer\.json(\.tmp)?|config\.json\.tmp)$/;
  return names.some((name) => name.startsWith('lock')) && names.every((name) => left.test(name));
}

/** A configuration as it was read: somebody may have edited it. @throws Error that says what cannot be */
function checked(config: SavedConfig): SavedConfig {
  const { data, text } = config;
  // Earlier versions had no early exits, kept all keys, let gradients through routers, trained on text alone and
  // kept P from the first step.
  const { exitThreshold, dropSkippedKeys, detachRouter } = { ...defaultModel, ...config.model };
  const model = { ...config.model, exitThreshold, dropSkippedKeys, detachRouter };
  const { hop24, densityFallStart, densityFallEnd } = { ...defaultTraining, ...config.training };
  const training = { ...config.training, hop24, densityFallStart, densityFallEnd };
  const density = [model?.density].flat();
  const given = { ...config, training, data: data ?? '', model: { ...model, density }, sha256: text?.sha256 };
  const settings = { model: { ...defaultModel, density: density.map(() => 0.5) }, training: defaultTraining };
  if (!alike(given, { ...settings, data: '', tokenizer: '', device: '', sha256: '' })) {
    throw new Error('a setting is missing, or not what it should be; put back the file as it was');
  }
  checkModelConfig(model);
  checkTrainingConfig(training);
  // What is now `cpu` was called so when earlier versions began a run.
  return { ...config, model, training, device: config.device === 'wasm' ? 'cpu' : config.device };
}

/** Whether what is in `wanted` is in `given` too, and of the same kinds. */
function alike(given: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return typeof given === typeof wanted;
  return Object.entries(wanted).every(([key, value]) => alike(Object(given)[key], value));
}

function savedConfig(config: RunConfig, { text, sha256, dataset }: Corpus): SavedConfig {
  const tokens = dataset.train.length + dataset.validation.length;
  return {
    format: 'hopgrad-run',
    hopgrad: packageVersion,
    node: process.version,
    ...config,
    text: { sha256, characters: text.length, tokens },
  };
}

/** skip-6x64-p50-seed0: what the routers do, layers by width, density in percent, seed. */
function runName({ model, training }: RunConfig): string {
  const { router, layers, dim } = model;
  const kinds: Partial<Record<RouterName, string>> = { learned: 'skip', none: 'dense' };
  const percent = Math.round(mean(densityPerLayer(model)) * 100);
  const density = routers[router].takes.includes('density') ? `-p${percent}` : '';
  return `${kinds[router] ?? router}-${layers}x${dim}${density}-seed${training.seed}`;
}

/** Makes a folder and those above it. (`mkdirSync` with `recursive` never returns for a path such as /proc/x/y.) */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Makes `path`, or `path-2`, `path-3`, … where it is taken. */
function makeNumbered(path: string): string {
  makeFolder(dirname(path));
  for (let number = 1; ; number++) {
    const numbered = number === 1 ? path : `${path}-${number}`;
    try {
      mkdirSync(numbered);
      return numbered;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

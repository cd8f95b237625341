/** One model in training, with all that a page shows of it. Knows nothing of workers or pages. */
import {
  bigramEntropy,
  CharacterTokenizer,
  evaluate,
  generate,
  type SkipMap,
  skipMapOf,
  skipMapOfGenerated,
  TextDataset,
  Trainer,
} from '../../../../../src/index.ts';
import { BATCH, CONTEXT, configure, type Experiment } from './experiment.ts';
import type { Final, ModelInfo, Point } from './protocol.ts';

/** How often held-out text is measured in a run, and on how many batches. */
const MEASUREMENTS = 40;
const BATCHES = 2;
/** Held-out batches, of 16 texts each, at the end. */
const FINAL_BATCHES = 16;
/** Of generated text. */
const SAMPLING = { temperature: 0.8, seed: 0 };

/** A text, cut into characters; models that are compared share it. */
export interface Corpus {
  tokenizer: CharacterTokenizer;
  dataset: TextDataset;
  bigramLoss: number;
}

/** @throws RangeError for a text that is too short */
export function readCorpus(text: string): Corpus {
  const tokenizer = CharacterTokenizer.fromText(text);
  const dataset = new TextDataset(tokenizer.encode(text));
  dataset.checkContext(CONTEXT);
  const { train, validation } = dataset;
  return { tokenizer, dataset, bigramLoss: bigramEntropy(train, validation, tokenizer.vocabularySize) };
}

export class TrainingSession {
  readonly info: ModelInfo;
  readonly #corpus: Corpus;
  #experiment: Experiment;
  #trainer: Trainer;
  #totalFlops = 0;

  constructor(experiment: Experiment, corpus: Corpus) {
    this.#corpus = corpus;
    this.#experiment = experiment;
    this.#trainer = this.#makeTrainer();
    const { tokenizer, dataset, bigramLoss } = corpus;
    this.info = {
      parameters: this.#trainer.model.parameterCount(),
      vocabularySize: tokenizer.vocabularySize,
      trainTokens: dataset.train.length,
      heldOutTokens: dataset.validation.length,
      bigramLoss,
    };
  }

  #makeTrainer(): Trainer {
    const { tokenizer, dataset } = this.#corpus;
    const { model, training } = configure(this.#experiment, tokenizer.vocabularySize);
    return new Trainer({ model, training, data: null, tokenizer: 'character', device: 'cpu' }, dataset);
  }

  /** Steps done. */
  get step(): number {
    return this.#trainer.step;
  }

  get done(): boolean {
    return this.#trainer.done;
  }

  /**
   * Goes on with other settings, the weights and what the optimizer remembers as they are.
   *
   * @throws OpError where the settings are of another model (see `changesOfModel`)
   */
  adjust(experiment: Experiment): void {
    const before = this.#trainer;
    this.#experiment = experiment;
    this.#trainer = this.#makeTrainer();
    this.#trainer.restore(before.state(), before.step);
  }

  /** One step, and a measurement on held-out text where one is due. */
  trainStep(): Point {
    const metrics = this.#trainer.trainStep();
    this.#totalFlops += metrics.flopsPerToken * BATCH * CONTEXT;
    const { flopsPerToken, denseFlopsPerToken, densityArgmaxPerLayer: _, ...curve } = metrics;
    const point: Point = {
      ...curve,
      flops: flopsPerToken,
      denseFlops: denseFlopsPerToken,
      totalFlops: this.#totalFlops,
    };
    const every = Math.max(5, Math.round(this.#experiment.steps / MEASUREMENTS));
    if (this.step % every === 0 || this.step === 1 || this.done) {
      const { loss, density, flopsPerToken: heldOutFlops } = this.#trainer.evaluate(BATCHES);
      Object.assign(point, { valLoss: loss, densityArgmax: density, heldOutFlops });
    }
    return point;
  }

  /** Which layers each character of a text runs. */
  mapOf(text: string): SkipMap {
    const { tokenizer } = this.#corpus;
    const map = skipMapOf(this.#trainer.model, tokenizer, tokenizer.encode(text));
    return { ...map, tokens: [...text] }; // the reader's own characters, also those the model has never seen
  }

  /** Text that the model writes after a prompt, and the layers it ran for it; the prompt stands before it. */
  write(prompt: string, tokens: number): { map: SkipMap; promptLength: number } {
    const { tokenizer } = this.#corpus;
    const { model } = this.#trainer;
    const ids = tokenizer.encode(prompt === '' ? '\n' : prompt).slice(-CONTEXT);
    const map = skipMapOfGenerated(tokenizer, [...generate(model, ids, { ...SAMPLING, tokens })]);
    const layers = this.#experiment.layers;
    const every = (): boolean[] => map.tokens.map(() => true);
    const active = map.active.length > 0 ? map.active : Array.from({ length: layers }, every); // dense: all run
    return { map: { ...map, active }, promptLength: ids.length };
  }

  /** The model as it is, on more held-out text, batch by batch. */
  final(): Final {
    const batches = this.#corpus.dataset.validationBatches({
      batchSize: 16,
      context: CONTEXT,
      limit: FINAL_BATCHES,
    });
    const each = batches.map((batch) => evaluate(this.#trainer.model, [batch]));
    const mean = (pick: (evaluation: (typeof each)[number]) => number): number =>
      each.reduce((sum, evaluation) => sum + pick(evaluation) * evaluation.tokens, 0) /
      each.reduce((sum, { tokens }) => sum + tokens, 0);
    return {
      losses: each.map(({ loss }) => loss),
      density: mean(({ density }) => density),
      flops: mean(({ flopsPerToken }) => flopsPerToken),
      denseFlops: each[0].denseFlopsPerToken,
    };
  }
}

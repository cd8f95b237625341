/** What `hopgrad reproduce` leaves behind: a file per cell of the grid, and one of timings. Losses are in nats per token. */

import type { TokenUsage } from '../report/types.ts';
import type { RunConfig } from '../train/config.ts';

/** Where and with what something was computed. */
export interface Origin {
  hopgrad: string;
  node: string;
  machine: string;
  /** ISO date. */
  date: string;
}

/** A model's score on one task of hop-24. */
export interface TaskScore {
  name: string;
  metric: 'accuracy' | 'exact match';
  questions: number;
  /** Shares from 0 to 1. */
  score: number;
  chance: number;
  /** Means over the tokens read. */
  layersPerToken: number;
  flopsPerToken: number;
}

/** One trained model, measured: one file. */
export interface CellResult {
  /** Name of the file without its ending: `learned-b-12x32-p25-seed0`. */
  cell: string;
  /** The row of the table of models. */
  model: string;
  layers: number;
  /** P, mean over layers; 1 for a dense model. */
  density: number;
  seed: number;
  /** The command line that trains it. */
  command: string;
  config: RunConfig;
  origin: Origin;
  parameters: number;
  /** Of early exits: the threshold by which the layers that tokens run come to density × layers. */
  exitThreshold?: number;
  training: {
    seconds: number;
    trainLoss: number;
    /** Forward FLOPs per token, mean over all steps. */
    flopsPerToken: number;
  };
  /** On held-out text, routers deciding as in decoding. */
  text: {
    loss: number;
    bitsPerCharacter: number;
    tokens: number;
    /** Mean number of layers that run. */
    layersPerToken: number;
    flopsPerToken: number;
    denseFlopsPerToken: number;
    /** One per routed layer. */
    densityPerLayer: number[];
    /** Spearman's correlation of a token's loss with its layers; null where all tokens run the same number. */
    lossDepthCorrelation: number | null;
    /** Layers per kind of token (letters, digits, …). */
    kinds: TokenUsage[];
    /** Layers per word, most frequent first, at most 300. */
    words: TokenUsage[];
  };
  /** hop-24, one-shot. */
  tasks: TaskScore[];
}

/** How fast a model of the grid is, taken alone on a quiet machine, in turns with its dense twin. */
export interface Timing {
  /** The row of the table of models, with layers and density: seeds do not matter. */
  model: string;
  layers: number;
  density: number;
  /** Medians. */
  trainingTokensPerSecond: number;
  decodeSecondsPerToken: number;
  /** Forward FLOPs per token, in training and in cached decoding. */
  trainingFlopsPerToken: number;
  decodeFlopsPerToken: number;
}

/** timing.json. */
export interface Timings {
  origin: Origin;
  threads: number;
  rows: Timing[];
}

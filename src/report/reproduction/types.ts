/** What the report of a reproduction is drawn from: plain data, with every mean and verdict already taken. */
import type { TokenUsage } from '../types.ts';

/** A mean, or a difference of means, over seeds. */
export interface Estimate {
  mean: number;
  /** Half the width of its 95 % interval; NaN for one seed. */
  half: number;
  seeds: number;
}

/** One trained model as a faint dot of a figure. Scores are shares from 0 to 1. */
export interface SeedPoint {
  seed: number;
  loss: number;
  flopsPerToken: number;
  /** Points above chance, mean over the tasks of hop-24; NaN where these were not measured. */
  points: number;
  taskFlopsPerToken: number;
}

/** A row of the table of models: the seeds of one model, number of layers and density. */
export interface ModelRow {
  /** As the paper writes it: `learned-b (12, 25%)`. */
  name: string;
  model: string;
  layers: number;
  /** P; 1 for a dense model. */
  density: number;
  seeds: SeedPoint[];
  parameters: number;
  /** On held-out text, in nats per token. */
  loss: Estimate;
  bitsPerCharacter: Estimate;
  layersPerToken: Estimate;
  flopsPerToken: Estimate;
  /** What a dense model of the same FLOPs per token reaches, by the rule of `Claim.dense`; null where that is not known. */
  denseLoss: Estimate | null;
  /** Means over the tasks of hop-24, as shares; null where no seed was measured. */
  exactMatch: Estimate | null;
  accuracy: Estimate | null;
  /** Score minus chance, over all tasks. */
  points: Estimate | null;
  taskFlopsPerToken: number;
  /** Score of each task, by name. */
  tasks: Record<string, Estimate>;
  /** Means over the seeds; empty for a dense model. */
  densityPerLayer: number[];
  /** Spearman's, of a token's loss with its layers. */
  lossDepthCorrelation: Estimate | null;
  kinds: TokenUsage[];
  words: TokenUsage[];
  training: { seconds: number; flopsPerToken: number };
  timing: RowTiming | null;
  /** The command line that trains its first seed. */
  command: string;
}

/** Speed, beside the dense twin: the model of as many layers in which every layer runs. */
export interface RowTiming {
  trainingTokensPerSecond: number;
  decodeSecondsPerToken: number;
  /** null where the twin was not timed. */
  twin: {
    trainingTokensPerSecond: number;
    decodeSecondsPerToken: number;
    /** The twin's FLOPs per token over this model's: what the speed would be if time were FLOPs. */
    trainingFlopsRatio: number;
    decodeFlopsRatio: number;
  } | null;
}

export type Verdict = 'better' | 'no difference seen' | 'worse' | 'not tested';

/** A model beside one control. */
export interface Comparison {
  verdict: Verdict;
  /** Above 0 the model is better: in nats per token for losses, in shares for scores. null where there is none to take. */
  advantage: Estimate | null;
  /** Why it is not tested; empty otherwise. */
  reason: string;
}

/** Whether routing pays for one model by one measure, under the rule of evidence. */
export interface Claim {
  row: string;
  /** 'held-out loss', 'hop-24' or the name of a task. */
  measure: string;
  /** Tasks that count: those on which the dense model of the same FLOPs is well above chance. Empty for losses. */
  tasks: string[];
  /** Beside a random gate of the same layers and density. */
  random: Comparison;
  /** Beside a dense model of the same executed FLOPs. */
  dense: Comparison;
  /** Beside the dense model of the same effective depth, which needs fewer FLOPs: the paper's comparison. No evidence. */
  equalDepth: Comparison & { flopsRatio: number };
  /** Of the two controls together: the less favourable; not tested where one is not. */
  verdict: Verdict;
}

/** All that the report shows. */
export interface Reproduction {
  /** What the models of the rows are, and where the paper has them. */
  models: { name: string; doc: string; paper: string }[];
  rows: ModelRow[];
  tasks: { name: string; metric: string; chance: number }[];
  /** Two a routed model: held-out loss, hop-24. */
  claims: Claim[];
  /** One a routed model and task. */
  taskClaims: Claim[];
  /** What is not there, one sentence each. */
  missing: string[];
  /** Where and with what, one line each. */
  origins: string[];
  /** Seconds of training, all models together. */
  trainingSeconds: number;
  /** The command line that makes all of it. */
  command: string;
}

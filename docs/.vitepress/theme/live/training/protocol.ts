/** What the page and the worker that trains say to each other. */
import type { CurvePoint, DeviceReport, SkipMap } from '../../../../../src/index.ts';
import type { Experiment } from './experiment.ts';

/** cpu on all threads it may have, cpu on one, or the GPU. */
export type DeviceChoice = 'cpu' | 'one-thread' | 'gpu';

export type Request =
  /** The first message, and only that: what to train, one lane for each experiment, on what. */
  | {
      kind: 'make';
      experiments: Experiment[];
      text: string;
      device: DeviceChoice;
      watched: string;
      prompt: string;
    }
  | { kind: 'run' }
  | { kind: 'pause' }
  /** One step of every lane. */
  | { kind: 'step' }
  /** Other settings for the models there are, from the next step on. */
  | { kind: 'adjust'; experiments: Experiment[] }
  /** The text whose skip map is drawn. */
  | { kind: 'watch'; text: string }
  /** What generated text continues; asks for a new one. */
  | { kind: 'write'; prompt: string };

/** What there is to know of a model before it is trained. */
export interface ModelInfo {
  parameters: number;
  vocabularySize: number;
  trainTokens: number;
  heldOutTokens: number;
  /** What counting pairs of characters reaches, in nats per character. */
  bigramLoss: number;
}

/** A training step; what was measured on held-out text is there where it was measured. */
export interface Point extends CurvePoint {
  /** Forward FLOPs per token of this step, and of the dense model. */
  flops: number;
  denseFlops: number;
  /** Forward FLOPs of all steps so far. */
  totalFlops: number;
  /** Forward FLOPs per token on held-out text. */
  heldOutFlops?: number;
}

/** A model at its end, on more held-out text than before. */
export interface Final {
  /** Mean loss of each batch of held-out text, the same batches for every model. */
  losses: number[];
  density: number;
  flops: number;
  denseFlops: number;
}

export type Reply =
  | { kind: 'made'; device: DeviceReport; info: ModelInfo[] }
  | { kind: 'points'; lane: number; points: Point[] }
  | { kind: 'map'; lane: number; step: number; map: SkipMap }
  | { kind: 'written'; lane: number; step: number; map: SkipMap; promptLength: number }
  | { kind: 'final'; lane: number; final: Final }
  /** All lanes have done their steps. */
  | { kind: 'done' }
  | { kind: 'failed'; message: string };

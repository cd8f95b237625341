/** Plain data that a run leaves behind and every report is drawn from. Losses are in nats per token. */

/** Which layers ran for which token of one text. */
export interface SkipMap {
  /** The text, token by token, as the tokenizer decodes each of them; joined, they are the text. */
  tokens: string[];
  /** [layer][token]: true where the layer ran, false where the token skipped it. Layer 1 comes first. */
  active: boolean[][];
}

/** How deep one character or word goes on average. */
export interface TokenUsage {
  /** The character or word itself. */
  token: string;
  /** How often it occurs in the text that was measured. */
  count: number;
  /** Layers that ran for it, averaged over its occurrences: from 0 to the number of layers. */
  meanLayers: number;
}

/** One logged training step. Densities are shares from 0 to 1: executed layers over all layers. */
export interface CurvePoint {
  step: number;
  /** Mean negative log-likelihood of this step's batch, in nats per token. */
  trainLoss: number;
  /** The same on held-out text, with the router's argmax; only on steps that evaluate. */
  valLoss?: number;
  /** Density loss, summed over the layers and not yet weighted (paper, section 2: sum of (r_i - P)^2). */
  auxiliaryLoss: number;
  /** Share of layers that ran in this step, where the router samples. */
  densitySampled: number;
  /** Share of layers that run on held-out text, where the router takes the likelier side; only on steps that evaluate. */
  densityArgmax?: number;
  /** Sampled density of each layer in this step, layer 1 first. */
  densityPerLayer: number[];
  learningRate: number;
  /** Norm of all gradients together, before clipping. */
  gradNorm: number;
  tokensPerSecond: number;
}

/** The figures a run ends with: what `train --json` prints. */
export interface RunSummary {
  /** Folder that holds the checkpoint, the log and the report. */
  runDir: string;
  /** Name of the device that computed, as `useDevice` reports it. */
  device: string;
  steps: number;
  /** Last training loss, nats per token. */
  trainLoss: number;
  /** Loss on held-out text, nats per token. */
  valLoss: number;
  /** valLoss / ln 2 * tokens / characters of the held-out text. */
  bitsPerCharacter: number;
  /** P of the paper: the share of layers a token should run. */
  densityTarget: number;
  /** Share of layers that ran in training, where the router samples. */
  densitySampled: number;
  /** Share of layers that run on held-out text, where the router takes the likelier side. */
  densityArgmax: number;
  /** densityArgmax of each layer, layer 1 first. */
  densityArgmaxPerLayer: number[];
  /** Forward FLOPs per token at densityArgmax. */
  flopsPerToken: number;
  /** Forward FLOPs per token if every layer ran. */
  denseFlopsPerToken: number;
  /** Training speed. */
  tokensPerSecond: number;
  /** Wall time of the run. */
  seconds: number;
  /** Number of trained scalars. */
  parameters: number;
  /** Entropy of a character given the one before it in the corpus, nats per character: what counting pairs achieves. */
  bigramLoss: number;
  /** What the reader should know before trusting the figures, one sentence each. */
  warnings: string[];
}

/** All that the HTML report shows. */
export interface RunReport {
  title: string;
  /** The configuration of the run as it was resolved; nested objects are shown as dotted names. */
  config: Record<string, unknown>;
  curve: CurvePoint[];
  summary: RunSummary;
  /** Layers used on a piece of held-out text. */
  skipMap: SkipMap;
  /** Text the model wrote, and the layers it used for it. */
  sample: SkipMap;
  characters: TokenUsage[];
  words: TokenUsage[];
  /** Command lines that repeat the run, in order. Without them the report names the configuration only. */
  commands?: string[];
}

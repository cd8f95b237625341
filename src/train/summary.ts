/** What a run comes to: measured on held-out text, as the summary and the report show it. */
import { basename, resolve } from 'node:path';
import { bigramEntropy, TextDataset } from '../data/text-dataset.ts';
import { CharacterTokenizer } from '../data/tokenizer.ts';
import { type Evaluation, evaluate, mean } from '../evaluate/evaluate.ts';
import { skipMapOf, skipMapOfGenerated, tokenUsage, wordUsage } from '../evaluate/skip-map.ts';
import { densityPerLayer, type ModelConfig } from '../model/config.ts';
import { generate } from '../model/generate.ts';
import type { SkipTransformer } from '../model/skip-transformer.ts';
import type { RunReport, RunSummary, SkipMap, TokenUsage } from '../report/types.ts';
import { bitsPerCharacter, type Corpus } from './corpus.ts';
import { densityWarnings } from './trainer.ts';
import type { TrainingRun } from './training-run.ts';

/** Bounds of each measurement at the end of a run, so that it takes seconds: FLOPs of the dense model, and tokens. */
const MEASURE_FLOPS = 1.2e10;
const MEASURE_TOKENS = 24_576;
const BATCH = 16;
const SAMPLE_CHARACTERS = 240;
/** Tokens shown in a skip map. */
const MAP_TOKENS = 128;

/** Loss, densities and FLOPs on `batches` batches spread over the held-out text, skipping for real. */
export function measure(
  model: SkipTransformer,
  corpus: Corpus,
  batches: number,
): Evaluation & { bitsPerCharacter: number } {
  const { context } = model.config;
  const held = corpus.dataset.validationBatches({ batchSize: BATCH, context, limit: batches });
  const evaluation = evaluate(model, held);
  return { ...evaluation, bitsPerCharacter: bitsPerCharacter(evaluation.loss, corpus) };
}

/** P over all layers; 1 where nothing is skipped. */
export function densityTarget(model: ModelConfig): number {
  return mean(densityPerLayer(model));
}

/**
 * The figures a run ends with. It must have done a step.
 *
 * @param notes what else the reader should know
 */
export function summarize(run: TrainingRun, notes: readonly string[] = []): RunSummary {
  const { trainer, corpus, metrics, folder, config } = run;
  const last = metrics[metrics.length - 1];
  const { context } = config.model;
  const batches = Math.floor(affordableTokens(last.denseFlopsPerToken) / (context * BATCH));
  const held = measure(trainer.model, corpus, Math.max(1, batches));
  const tokens = config.training.batchSize * context;
  const stepSeconds = mean(metrics.map(({ tokensPerSecond }) => tokens / tokensPerSecond));
  const bigramLoss = bigramPerCharacter(corpus.text);
  return {
    runDir: folder.path,
    device: trainer.model.head.weight.device.name,
    steps: trainer.step,
    trainLoss: last.trainLoss,
    valLoss: held.loss,
    bitsPerCharacter: held.bitsPerCharacter,
    densityTarget: densityTarget(config.model),
    densitySampled: mean(metrics.slice(-50).map(({ densitySampled }) => densitySampled)),
    densityArgmax: held.density,
    densityArgmaxPerLayer: held.densityPerLayer,
    flopsPerToken: held.flopsPerToken,
    denseFlopsPerToken: held.denseFlopsPerToken,
    tokensPerSecond: tokens / stepSeconds,
    seconds: run.seconds,
    parameters: trainer.model.parameterCount(),
    bigramLoss,
    warnings: [
      ...notes,
      ...densityWarnings(trainer, held.densityPerLayer).map(({ message }) => message),
      ...(held.bitsPerCharacter > bigramLoss / Math.LN2
        ? ['so far the model predicts worse than counting which character follows which; train it longer']
        : []),
    ],
  };
}

function affordableTokens(flopsPerToken: number): number {
  return Math.min(MEASURE_TOKENS, MEASURE_FLOPS / flopsPerToken);
}

/** Bigram entropy of a text's held-out part in characters, whatever tokens the model reads. */
function bigramPerCharacter(text: string): number {
  const characters = CharacterTokenizer.fromText(text);
  const { train, validation } = new TextDataset(characters.encode(text));
  return bigramEntropy(train, validation, characters.vocabularySize);
}

/** All that the report of a run shows. @param commands command lines that repeat it */
export function reportOf(run: TrainingRun, summary: RunSummary, commands: string[]): RunReport {
  const { corpus, trainer, metrics, folder } = run;
  const tokens = affordableTokens(summary.denseFlopsPerToken);
  const held = corpus.dataset.validation.subarray(0, Math.max(MAP_TOKENS, tokens));
  const usage = usageOn(trainer.model, corpus, held);
  return {
    title: basename(resolve(folder.path)),
    config: { ...folder.config() },
    curve: metrics,
    summary,
    skipMap: firstTokens(usage.map, MAP_TOKENS),
    sample: writeSample(run),
    characters: usage.characters,
    words: usage.words,
    commands,
  };
}

/** Which layers the tokens of a text use, and which characters and words use most and least. */
export function usageOn(
  model: SkipTransformer,
  { tokenizer }: Pick<Corpus, 'tokenizer'>,
  ids: Int32Array,
): { map: SkipMap; characters: TokenUsage[]; words: TokenUsage[] } {
  const map = skipMapOf(model, tokenizer, ids);
  // Averages over a few occurrences say little; in a short text they are all there is.
  const frequent = (usages: TokenUsage[], least: number): TokenUsage[] =>
    usages.filter(({ count }) => count >= Math.min(least, 1 + map.tokens.length / 500));
  return { map, characters: frequent(tokenUsage(map), 10), words: frequent(wordUsage(map), 5) };
}

export function firstTokens({ tokens, active }: SkipMap, count: number): SkipMap {
  return { tokens: tokens.slice(0, count), active: active.map((layer) => layer.slice(0, count)) };
}

function writeSample({ trainer, corpus, config }: TrainingRun): SkipMap {
  const { tokenizer, dataset, charactersPerToken } = corpus;
  const lineEnd = tokenizer.encode('\n');
  const prompt = tokenizer.decode(lineEnd) === '\n' ? lineEnd : dataset.validation.subarray(0, 1);
  const tokens = Math.ceil(SAMPLE_CHARACTERS / charactersPerToken);
  const { seed } = config.training;
  const written = [...generate(trainer.model, prompt, { tokens, temperature: 0.8, seed })];
  return skipMapOfGenerated(tokenizer, written.slice(prompt.length));
}

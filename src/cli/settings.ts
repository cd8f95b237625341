/**
 * The options of `train` that make up a run's configuration: one table says what each is called, how it is read and
 * written, which settings it stands for, and when it would do nothing.
 */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultModel, type ModelConfig, type Wraps, wrapChoices } from '../model/config.ts';
import { estimators } from '../routing/estimators.ts';
import { type RouterName, routers } from '../routing/table.ts';
import { defaultTraining, optimizerNames, type RunConfig, type TrainingConfig } from '../train/config.ts';
import { ABOVE_0, countFrom, filled, numberFrom } from './options.ts';

export const defaultRun: RunConfig = {
  model: defaultModel,
  training: defaultTraining,
  data: null,
  tokenizer: 'character',
  device: 'cpu',
};

type Place =
  | `model.${keyof ModelConfig}`
  | `training.${keyof TrainingConfig}`
  | 'data'
  | 'tokenizer'
  | 'device';

/** How an option is typed: its text, and the values it stands for, one for each place. */
interface Kind {
  parse: (text: string) => unknown[];
  print: (values: readonly unknown[]) => string;
}

type Row = [flags: string, doc: string, kind: Kind, ...places: Place[]];

const simple = (parse: (text: string) => unknown): Kind => ({
  parse: (typed) => [parse(typed)],
  print: ([value]) => String(value),
});
const text = simple(filled);
const number = simple(numberFrom(0));
const above0 = simple(numberFrom(ABOVE_0));
const share = simple(numberFrom(0, 1));
const count = simple(countFrom(1));
const whole = simple(countFrom(0));
const onOff = simple(() => true);
const absolute = (typed: string): string => resolve(filled(typed));
const path: Kind = { ...simple(absolute), print: ([value]) => String(value ?? 'the novel Moby-Dick') };
const tokenizer = simple((typed) => (['character', 'byte'].includes(typed) ? typed : absolute(typed)));
const seed: Kind = { ...whole, parse: (typed) => [countFrom(0)(typed), countFrom(0)(typed)] };

const density = simple((typed) => {
  const values = typed.split(',').map(numberFrom(0, 1));
  return values.length === 1 ? values[0] : values;
});

const noise: Kind = {
  parse: (typed) => {
    const ends = typed.split(':').map(numberFrom(0));
    if (ends.length > 2) throw new InvalidArgumentError('It must be one number, or two as start:end.');
    return [ends[0], ends[ends.length - 1]];
  },
  print: ([start, end]) => (start === end ? String(start) : `${start}:${end}`),
};

/** Two shares of something, in order. */
const span: Kind = {
  parse: (typed) => {
    const ends = typed.split(':').map(numberFrom(0, 1));
    if (ends.length === 2 && ends[0] <= ends[1]) return ends;
    throw new InvalidArgumentError('It must be two shares in order, as 0.3:0.7.');
  },
  print: ([from, to]) => `${from}:${to}`,
};

function oneOf(choices: readonly string[]): Kind {
  return simple((typed) => {
    if (choices.includes(typed)) return typed;
    throw new InvalidArgumentError(`Choose ${choices.join(', ')}.`);
  });
}

const routerDoc = Object.entries(routers).map(([name, { doc }]) => `${name} (${doc})`);

const always: Row[] = [
  ['--data <path>', 'text file, or folder of .txt and .md files', path, 'data'],
  ['--hop24 <share>', 'share of the texts that are tasks of hop-24, 0 to 1', share, 'training.hop24'],
  ['--tokenizer <kind>', 'character, byte, or the path of a tokenizer.json', tokenizer, 'tokenizer'],
  ['--steps <n>', 'optimizer steps', count, 'training.steps'],
  ['--layers <n>', 'transformer layers', count, 'model.layers'],
  ['--dim <n>', 'width of the model', count, 'model.dim'],
  ['--heads <n>', 'attention heads', count, 'model.heads'],
  ['--context <n>', 'tokens the model sees at once', count, 'model.context'],
  ['--feed-forward <n>', 'hidden size of the feed-forward, times dim', count, 'model.feedForward'],
  ['--gated', 'gate the feed-forward', onOff, 'model.gated'],
  ['--embedding-scale <x>', 'standard deviation of the first embeddings', number, 'model.embeddingScale'],
  ['--batch <n>', 'texts per step', count, 'training.batchSize'],
  ['--optimizer <name>', optimizerNames.join(', '), oneOf(optimizerNames), 'training.optimizer'],
  ['--lr <x>', 'peak learning rate', above0, 'training.learningRate'],
  ['--warmup <n>', 'steps of linear warm-up', whole, 'training.warmup'],
  ['--weight-decay <x>', 'of the weight matrices', number, 'training.weightDecay'],
  ['--clip <x>', 'largest gradient norm', above0, 'training.clip'],
  ['--evaluate-every <n>', 'steps between held-out measurements', count, 'training.evaluateEvery'],
  ['--checkpoint-every <n>', 'steps between checkpoints', count, 'training.checkpointEvery'],
  ['--seed <n>', 'of weights, batches and noise', seed, 'model.seed', 'training.seed'],
  ['--device <name>', 'where to compute; see `hopgrad devices`', text, 'device'],
  ['--router <kind>', `who decides: ${routerDoc.join('; ')}`, oneOf(Object.keys(routers)), 'model.router'],
];
/** What some routers have no use for: the table of routers knows which. */
const routing: Row[] = [
  [
    '--density <p>',
    'share of tokens that runs a layer; or one per layer: 1,0.5,0.5, where 1 is a layer without a router',
    density,
    'model.density',
  ],
  [
    '--wraps <part>',
    `what one decision covers: ${wrapChoices.join(', ')}`,
    oneOf(wrapChoices),
    'model.wraps',
  ],
  ['--drop-keys', 'tokens that skip a layer leave no keys and values there', onOff, 'model.dropSkippedKeys'],
  ['--detach-router', 'no gradient flows through routers into the layers below', onOff, 'model.detachRouter'],
  [
    '--estimator <name>',
    Object.keys(estimators).join(', '),
    oneOf(Object.keys(estimators)),
    'model.estimator',
  ],
  ['--router-scale <x>', 'standard deviation of the first router weights', number, 'model.routerScale'],
  ['--lambda <x>', 'weight of the density loss', number, 'training.lambda'],
  ['--temperature <x>', "of the routers' softmax", above0, 'training.temperature'],
  [
    '--noise <x>',
    'Gumbel noise; start:end moves along a line',
    noise,
    'training.noiseStart',
    'training.noiseEnd',
  ],
  [
    '--density-fall <from:to>',
    'shares of the steps between which the density falls from 1 to its target',
    span,
    'training.densityFallStart',
    'training.densityFallEnd',
  ],
  ['--exit-threshold <x>', 'confidence at which a token stops', number, 'model.exitThreshold'],
];
const settings: Row[] = [...always, ...routing];

const flagOf = ([flags]: Row): string => flags.split(' ')[0];
const attributeOf = ([flags]: Row): string => new Option(flags).attributeName();
const valuesOf = (config: RunConfig, [, , , ...places]: Row): unknown[] =>
  places.map((place) => read(config, place));

/** Adds every setting to a command, with its default in the help. */
export function addSettings(command: Command): void {
  for (const row of settings) {
    const [flags, doc, kind] = row;
    const option = new Option(flags, doc).argParser(kind.parse);
    const values = valuesOf(defaultRun, row);
    command.addOption(kind === onOff ? option : option.default(values, kind.print(values)));
  }
}

/** The settings that a person typed, as flags. */
export function givenSettings(command: Command): string[] {
  return settings.filter((row) => command.getOptionValueSource(attributeOf(row)) === 'cli').map(flagOf);
}

/** The configuration that a command line asks for. @throws Error for a setting that would do nothing */
export function configFrom(command: Command): RunConfig {
  const config = structuredClone(defaultRun);
  for (const row of settings) {
    const [, , , ...places] = row;
    const typed = command.getOptionValue(attributeOf(row)) ?? valuesOf(config, row);
    places.forEach((place, i) => write(config, place, typed[i]));
  }
  const { router } = config.model;
  const given = givenSettings(command);
  if (!given.includes('--wraps')) config.model.wraps = wrapsBy(router);
  const taken: readonly string[] = routers[router].takes;
  const idle = routing.filter((row) => !taken.includes(attributeOf(row))).map(flagOf);
  const useless = given.find((flag) => idle.includes(flag));
  if (useless) throw new Error(`${useless} does nothing with --router ${router}; leave one of them out`);
  return config;
}

function wrapsBy(router: RouterName): Wraps {
  return routers[router].wraps ?? defaultModel.wraps;
}

/** The command line that asks for a configuration. */
export function commandLine(config: RunConfig): string {
  const unsaid = structuredClone(defaultRun);
  unsaid.model.wraps = wrapsBy(config.model.router);
  const words = settings.flatMap((row) => {
    const values = valuesOf(config, row);
    if (JSON.stringify(values) === JSON.stringify(valuesOf(unsaid, row))) return [];
    return row[2] === onOff ? [flagOf(row)] : [flagOf(row), quoted(row[2].print(values))];
  });
  return ['hopgrad train', ...words].join(' ');
}

function quoted(word: string): string {
  return /^[\w./:,=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function read(config: RunConfig, place: Place): unknown {
  return place.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], config);
}

function write(config: RunConfig, place: Place, value: unknown): void {
  const [section, key] = place.split('.');
  const target = key === undefined ? config : config[section as 'model' | 'training'];
  (target as unknown as Record<string, unknown>)[key ?? section] = value;
}

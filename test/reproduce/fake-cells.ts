/** A made-up reproduction, as realistic as made-up numbers get: no model was trained for it. */
import { chanceOf } from '../../src/data/hop24/items.ts';
import { hop24 } from '../../src/data/hop24/tasks.ts';
import { defaultModel } from '../../src/model/config.ts';
import { type ComparedName, models } from '../../src/reproduce/models.ts';
import type { CellResult, Origin, Timings } from '../../src/reproduce/types.ts';
import { Random } from '../../src/tensor/random.ts';
import { defaultTraining } from '../../src/train/config.ts';

/** What a made-up cell may be told. */
export interface FakePlace {
  model: string;
  layers: number;
  density?: number;
  seed?: number;
  wraps?: 'layer' | 'attention' | 'feed-forward';
}

/** How much of a layer's depth a made-up model makes use of: the better its gate, the more. */
const SKILL: Record<string, number> = { 'learned-b': 0.8, 'learned-a': 0.75, random: 0.4, literal: 0.5 };

export const fakeOrigin: Origin = {
  hopgrad: '0.1.0',
  node: 'v24.1.0',
  machine: '2 cores, made-up processor, linux x64',
  date: '2024-05-01T12:00:00.000Z',
};

/** One trained model: losses fall with the logarithm of what it computes, and more layers help a good gate a little. */
export function fakeCell({ model, layers, density = 1, seed = 0, wraps = 'layer' }: FakePlace): CellResult {
  const random = new Random(seed).fork(`${model}-${layers}-${density}`);
  const routed = density < 1;
  const densityPerLayer = Array.from({ length: routed ? layers : 0 }, (_, layer) =>
    Math.min(1, Math.max(0.02, density * (1 + 0.4 * Math.cos(1.7 * layer) + 0.05 * random.normal()))),
  );
  const layersPerToken = routed ? densityPerLayer.reduce((sum, share) => sum + share, 0) : layers;
  const flopsPerToken = 8300 + 16_400 * (layers - layersPerToken) + 116_000 * layersPerToken;
  const skill = SKILL[model] ?? 0.6;
  const depth =
    layersPerToken * (routed ? 0.6 + 0.5 * skill : 1) * (layers / layersPerToken) ** (0.15 * skill);
  const loss = 1.35 + 0.62 * depth ** -0.8 + 0.008 * random.normal();
  const name = `${model}-${layers}x32${routed ? `-p${100 * density}` : ''}-seed${seed}`;
  const usage = (token: string, i: number, count: number) => ({
    token,
    count,
    meanLayers: Math.min(
      layers,
      Math.max(0, layersPerToken * (1.35 - 0.5 * Math.sin(2.4 * i) ** 2 - 18 / (i + 30))),
    ),
  });
  return {
    cell: name,
    model,
    layers,
    density,
    seed,
    command: `hopgrad train --router ${model} --layers ${layers} --density ${density} --hop24 0.5 --seed ${seed}`,
    config: {
      model: { ...defaultModel, ...models[model as ComparedName]?.model, layers, density, wraps, seed },
      training: { ...defaultTraining, hop24: 0.5, seed },
      data: null,
      tokenizer: 'character',
      device: 'cpu',
    },
    origin: fakeOrigin,
    parameters: 17_000 + 49_900 * layers,
    training: {
      seconds: 90 * layersPerToken + 20 * layers,
      trainLoss: loss - 0.03,
      flopsPerToken: 1.02 * flopsPerToken,
    },
    text: {
      loss,
      bitsPerCharacter: loss / Math.LN2,
      tokens: 120_000,
      layersPerToken,
      flopsPerToken,
      denseFlopsPerToken: 8300 + 116_000 * layers,
      densityPerLayer,
      lossDepthCorrelation: routed ? 0.12 * skill + 0.02 * random.normal() : null,
      kinds: ['letters', 'capitals', 'space', 'punctuation', 'newline', 'digits'].map((kind, i) =>
        usage(kind, 3 * i, 90_000 >> (2 * i)),
      ),
      words: WORDS.map((word, i) => usage(word, i, Math.round(6000 / (i + 1) ** 0.9))),
    },
    tasks: hop24.map((task, i) => {
      const chance = chanceOf(task);
      const learned = 1 / (1 + Math.exp(3 * (Math.sin(5 * i) + 0.6) - 3.2 * (depth - 2.6)));
      const score = chance + (1 - chance) * Math.min(1, Math.max(0, 0.97 * learned + 0.02 * random.normal()));
      return {
        name: task.name,
        metric: task.choices === 0 ? ('exact match' as const) : ('accuracy' as const),
        questions: 200,
        score,
        chance,
        layersPerToken,
        flopsPerToken: 0.97 * flopsPerToken,
      };
    }),
  };
}

/** Models of the grid, as far as a report needs them, with seeds 0 to 2. */
export function fakeGrid(seeds: number = 3): CellResult[] {
  const places: FakePlace[] = [
    ...[2, 3, 4, 5, 6, 8].map((layers) => ({ model: 'dense', layers })),
    ...['learned-b', 'random'].flatMap((model) => [
      { model, layers: 6, density: 0.5 },
      ...[0.125, 0.25, 0.5, 0.75].map((density) => ({ model, layers: 12, density })),
      { model, layers: 24, density: 0.125 },
      { model, layers: 24, density: 0.25 },
    ]),
    { model: 'learned-a', layers: 6, density: 0.5 },
    { model: 'learned-a', layers: 12, density: 0.25 },
    { model: 'literal', layers: 6, density: 0.5 },
    { model: 'wide-ff', layers: 3, density: 0.5, wraps: 'feed-forward' },
    { model: 'highway', layers: 3 },
    ...['top-1', 'sigmoid', 'mixture-of-depths'].map((model) => ({ model, layers: 6, density: 0.5 })),
    { model: 'attention-only', layers: 6, density: 0.5, wraps: 'attention' },
    { model: 'feed-forward-only', layers: 6, density: 0.5, wraps: 'feed-forward' },
  ];
  return Array.from({ length: seeds }, (_, seed) =>
    places.map((place) => fakeCell({ ...place, seed })),
  ).flat();
}

/** Speeds of all models of some cells and of their dense twins. */
export function fakeTimings(cells: readonly CellResult[]): Timings {
  const places = new Map<string, FakePlace>();
  for (const { model, layers, density } of cells) {
    places.set(`${model} ${layers} ${density}`, { model, layers, density });
    places.set(`dense ${layers} 1`, { model: 'dense', layers });
  }
  return {
    origin: fakeOrigin,
    threads: 1,
    rows: [...places.values()].map((place) => {
      const { model, layers, density, text } = fakeCell(place);
      const cost = text.flopsPerToken + 9000 * layers;
      return {
        model,
        layers,
        density,
        trainingTokensPerSecond: 6.2e9 / cost,
        decodeSecondsPerToken: cost / 1.9e9,
        trainingFlopsPerToken: text.flopsPerToken,
        decodeFlopsPerToken: 0.9 * text.flopsPerToken,
      };
    }),
  };
}

/** 300 words: those of a sailor, then made-up ones. */
const WORDS: string[] = [
  ...'the of and a to in that his it I he but with is as was for all this at by whale not from him so be on one you'.split(
    ' ',
  ),
  ...'there now had have or were they like me then what into upon out ye up more man ship Ahab sea old boat head'.split(
    ' ',
  ),
  ...'Starbuck Stubb Queequeg Pequod Nantucket captain harpoon leviathan Ishmael'.split(' '),
  ...Array.from({ length: 211 }, (_, i) => {
    const syllable = (n: number): string => 'bdfklmnprst'[n % 11] + 'aeiou'[n % 5];
    return syllable(i) + syllable(3 * i + 1) + (i % 3 === 0 ? 'n' : syllable(7 * i + 2));
  }),
];

import type { CurvePoint, RunReport, SkipMap, TokenUsage } from '../../src/report/types.ts';
import { Random } from '../../src/tensor/random.ts';

const HELD_OUT =
  'Now, as you well know, it is not seldom the case in this conventional world of ours—watery or otherwise; ' +
  'that when a person placed in command over his fellow-men finds one of them to be <very> significantly his\n' +
  'superior in general pride of manhood, straightway against that man he conceives an unconquerable dislike.';

const GENERATED =
  '"Why, thou dost see the whale," said Starbuck, in a low voice; "but the ship & her crew are <b>not</b> so\n' +
  'stowed away, that the harpooneer could stand to the boats, and the sea was still.\n\n' +
  "CHAPTER 61. The Pequod was a wind of the same old captain's hand, and the white bone of the deep.";

/** A made-up map: letters that start a word go deep, spaces and endings go shallow, the middle layers vary most. */
export function fakeSkipMap(text: string, layers: number, seed: number): SkipMap {
  const random = new Random(seed);
  const tokens = [...text];
  const depth = tokens.map((token, i) => {
    if (token === ' ' || token === '\n') return 0.2;
    return i === 0 || /\s/.test(tokens[i - 1]) ? 0.9 : /[A-Z]/.test(token) ? 0.8 : 0.48;
  });
  const active = Array.from({ length: layers }, (_, layer) =>
    depth.map((share) => random.uniform() < share + 0.15 * Math.sin(2 * layer)),
  );
  return { tokens, active };
}

/** A made-up curve that falls and settles like a character model's, logged every `every` steps. */
export function fakeCurve(steps: number, every: number, layers: number): CurvePoint[] {
  const length = Math.max(1, steps);
  const random = new Random(3);
  const curve: CurvePoint[] = [];
  for (let step = 0; step <= steps; step += every) {
    const settle = Math.exp((-6 * step) / length);
    const evaluates = step % (10 * every) === 0;
    const clean = 1.42 + 0.9 * Math.exp((-9 * step) / length) + 1.95 * Math.exp((-120 * step) / length);
    const densityPerLayer = Array.from({ length: layers }, (_, layer) =>
      Math.min(
        1,
        0.5 + 0.16 * Math.sin(1.9 * layer + 0.4) * (1 - settle) + 0.08 * settle + 0.015 * random.normal(),
      ),
    );
    const densitySampled = densityPerLayer.reduce((sum, density) => sum + density, 0) / layers;
    curve.push({
      step,
      trainLoss: clean + 0.035 * random.normal(),
      auxiliaryLoss: densityPerLayer.reduce((sum, density) => sum + (density - 0.5) ** 2, 0),
      densitySampled,
      densityPerLayer,
      learningRate: 1e-3,
      gradNorm: 0.8 + 0.1 * random.uniform(),
      tokensPerSecond: 12_000 + 300 * random.normal(),
      ...(evaluates ? { valLoss: clean + 0.06, densityArgmax: densitySampled - 0.03 } : {}),
    });
  }
  return curve;
}

/** Made-up usages: the tokens in the order given, from deepest to shallowest. */
export function fakeUsages(tokens: readonly string[], layers: number): TokenUsage[] {
  return tokens.map((token, i) => ({
    token,
    count: 12 + 37 * i,
    meanLayers: layers * (0.88 - (0.72 * i) / Math.max(1, tokens.length - 1)),
  }));
}

/** A whole run of a 6-layer character model, as realistic as made-up numbers get. */
export function fakeReport(): RunReport {
  const layers = 6;
  const curve = fakeCurve(2000, 10, layers);
  return {
    title: 'moby-dick, 6 layers at density 0.5',
    config: {
      model: {
        layers,
        dModel: 128,
        heads: 4,
        ffnMultiple: 4,
        context: 128,
        router: { kind: 'linear', temperature: 1 },
      },
      densityTarget: 0.5,
      densityWeight: 0.1,
      optimizer: 'adamw',
      learningRate: 1e-3,
      batchSize: 16,
      seed: 1,
      text: null,
    },
    curve,
    summary: {
      runDir: 'runs/2024-05-01-moby-dick',
      device: 'cpu',
      steps: 2000,
      trainLoss: curve[curve.length - 1].trainLoss,
      valLoss: 1.482,
      bitsPerCharacter: 2.138,
      densityTarget: 0.5,
      densitySampled: 0.507,
      densityArgmax: 0.472,
      densityArgmaxPerLayer: [0.66, 0.55, 0.31, 0.42, 0.58, 0.31],
      flopsPerToken: 1_284_000,
      denseFlopsPerToken: 2_371_000,
      tokensPerSecond: 12_140,
      seconds: 337,
      parameters: 1_213_000,
      bigramLoss: 2.447,
      warnings: [
        'layer 3 runs for 31% of the tokens on held-out text, 19 points away from the target of 50%',
      ],
    },
    skipMap: fakeSkipMap(HELD_OUT.slice(0, 128), layers, 1),
    sample: fakeSkipMap(GENERATED, layers, 2),
    characters: fakeUsages([...'WPSTCMNbpwcfvgdhmklsuyriaotne,.-', ' ', '\n', '<', '&'], layers),
    words: fakeUsages(
      'whale Ahab Pequod Starbuck harpoon captain ship voyage white sea boat deck said old man great like more over upon with that from this and of the to ing a'.split(
        ' ',
      ),
      layers,
    ),
    commands: ['hopgrad train --config runs/2024-05-01-moby-dick/config.json --seed 1'],
  };
}

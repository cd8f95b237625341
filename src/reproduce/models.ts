/**
 * The table of compared models: a row says what a model is, where the paper has it, and how it differs from the recipe.
 * Where a model stands in the grid (layers, density) is in grid.ts.
 */
import type { ModelConfig } from '../model/config.ts';
import { routers } from '../routing/table.ts';
import type { RunConfig, TrainingConfig } from '../train/config.ts';
import { recipe } from './recipe.ts';

export type ComparedName =
  | 'dense'
  | 'learned-a'
  | 'learned-b'
  | 'literal'
  | 'random'
  | 'always-on'
  | 'always-on-a'
  | 'always-on-depths'
  | 'always-on-random'
  | 'always-on-chance'
  | 'wide-ff'
  | 'highway'
  | 'attention-only'
  | 'feed-forward-only'
  | 'dropped-keys'
  | 'top-1'
  | 'sigmoid'
  | 'mixture-of-depths'
  | 'early-exit';

export interface ComparedModel {
  /** One line. */
  doc: string;
  /** Where the paper has it. */
  paper: string;
  /** What it changes in the recipe. */
  model: Partial<ModelConfig>;
  training?: Partial<TrainingConfig>;
  /** P of every layer, where it is not the same for all. @param density the mean that is wanted */
  densities?: (layers: number, density: number) => number[];
  /** Its density is no target of training: the exits' threshold is set afterwards so that it comes out. */
  calibrated?: boolean;
}

/**
 * The first layers run for every token, half of all but one; the others share what is left of the density. As many at every
 * density where there is enough: gates are compared with random ones of more density and less, above the same layers.
 */
function firstLayersOn(layers: number, density: number): number[] {
  const on = Math.min(Math.floor(layers / 2), Math.ceil(density * layers)) - 1;
  const left = (density * layers - on) / (layers - on);
  return Array.from({ length: layers }, (_, layer) => (layer < on ? 1 : left));
}

/** Every token runs at first; density falls to its target in the middle of training. */
const falling: Partial<TrainingConfig> = { densityFallStart: 0.3, densityFallEnd: 0.7 };

export const models: Readonly<Record<ComparedName, ComparedModel>> = {
  dense: {
    doc: 'every token runs every layer',
    paper: 'Table 1 and Fig. 4, STD',
    model: { router: 'none' },
  },
  'learned-b': {
    doc: 'a learned gate per token and layer, trained through the branch that was taken',
    paper: 'section 2.1, Eq. 3 and the gradient of Eq. 4; noise and λ by our recipe',
    model: { router: 'learned', estimator: 'taken-branch' },
    training: { noiseStart: 0, noiseEnd: 0, lambda: 1 },
  },
  'learned-a': {
    doc: 'the same gate, trained straight through both branches',
    paper: 'section 2.1, Eq. 1 with an ordinary straight-through gradient',
    model: { router: 'learned', estimator: 'straight-through' },
    training: { noiseStart: 0, noiseEnd: 0, lambda: 1 },
  },
  literal: {
    doc: "the same gate by the paper's own numbers: Gumbel noise of scale 1 to the end, λ 0.1",
    paper: 'section 2.1, Eq. 3 and 4, λ 0.1',
    model: { router: 'learned', estimator: 'taken-branch' },
    training: { noiseStart: 1, noiseEnd: 1, lambda: 0.1, temperature: 1 },
  },
  random: {
    doc: 'each token runs a layer by chance: the control',
    paper: 'Fig. 5 and 6, Rand',
    model: { router: 'random' },
  },
  'always-on': {
    doc: 'our recipe: the first layers run for all, the others share one layer’s worth; their gate is trained late and apart, through the branch taken',
    paper: 'not in the paper, which wraps every layer',
    model: { router: 'learned', estimator: 'taken-branch', detachRouter: true },
    training: falling,
    densities: firstLayersOn,
  },
  'always-on-a': {
    doc: 'the same, trained straight through both branches',
    paper: 'not in the paper, which wraps every layer',
    model: { router: 'learned', estimator: 'straight-through', detachRouter: true },
    training: falling,
    densities: firstLayersOn,
  },
  'always-on-depths': {
    doc: 'the first layers run for all; of the others, in every text the tokens with the largest weights',
    paper: 'not in the paper (Raposo et al. 2024 leave every other layer on)',
    model: { router: 'mixture-of-depths' },
    densities: firstLayersOn,
  },
  'always-on-random': {
    doc: 'the control of always-on and always-on-a: of the other layers, each token runs one by chance, and density falls as theirs',
    paper: 'not in the paper, which wraps every layer',
    model: { router: 'random' },
    training: falling,
    densities: firstLayersOn,
  },
  'always-on-chance': {
    doc: 'the control of always-on-depths: of the other layers, each token runs one by chance, from the first step on',
    paper: 'not in the paper, which wraps every layer',
    model: { router: 'random' },
    densities: firstLayersOn,
  },
  'wide-ff': {
    doc: 'as many layers as the dense model, a feed-forward twice as wide that half of the tokens run',
    paper: 'Fig. 5, WideFFN',
    model: {
      router: 'learned',
      estimator: 'taken-branch',
      wraps: 'feed-forward',
      feedForward: 2 * recipe.model.feedForward,
    },
  },
  highway: {
    doc: "a soft gate in place of the feed-forward's residual; nothing is skipped",
    paper: 'Fig. 5, HighwayNet',
    model: { router: 'highway' },
  },
  'attention-only': {
    doc: 'the learned gate around attention alone; every token runs the feed-forward',
    paper: 'section 2 keeps a layer whole; this takes it apart',
    model: { router: 'learned', estimator: 'taken-branch', wraps: 'attention' },
  },
  'feed-forward-only': {
    doc: 'the learned gate around the feed-forward alone; every token runs attention',
    paper: 'section 2 keeps a layer whole; this takes it apart',
    model: { router: 'learned', estimator: 'taken-branch', wraps: 'feed-forward' },
  },
  'dropped-keys': {
    doc: 'the learned gate, but no token sees the keys and values of those that skipped the layer',
    paper: 'section 2.2: tried, of "lower predictive quality"',
    model: { router: 'learned', estimator: 'taken-branch', dropSkippedKeys: true },
  },
  'top-1': {
    doc: 'soft top-1 gating: what is chosen is scaled by its probability',
    paper: 'section 2.1, Eq. 4, the alternative that was turned down',
    model: { router: 'top-1' },
  },
  sigmoid: {
    doc: 'a soft sigmoid gate in training, a threshold of ½ in evaluation',
    paper: 'section 2.1, the other alternative that was turned down',
    model: { router: 'sigmoid' },
  },
  'mixture-of-depths': {
    doc: 'in every text the tokens with the largest weights run, as many as fit',
    paper: 'not in the paper (Raposo et al. 2024)',
    model: { router: 'mixture-of-depths' },
  },
  'early-exit': {
    doc: 'a token stops at the first layer at which it is sure enough; the threshold gives the density',
    paper: 'not run in the paper, discussed beside related work (CALM, Schuster et al. 2022)',
    model: { router: 'early-exit' },
    calibrated: true,
  },
};

/** The configuration of a model of the table. @param density P, for routers that have such a target */
export function configOf(
  name: ComparedName,
  { layers, density, seed, steps }: { layers: number; density: number; seed: number; steps: number },
): RunConfig {
  const { model, training, densities } = models[name];
  const router = model.router ?? recipe.model.router;
  const { takes, wraps = recipe.model.wraps } = routers[router];
  const target = takes.includes('density') ? { density: densities?.(layers, density) ?? density } : {};
  return {
    ...recipe,
    model: { ...recipe.model, wraps, ...model, layers, ...target, seed },
    training: { ...recipe.training, ...training, steps, seed },
  };
}

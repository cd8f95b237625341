/** Experiments worth starting from. A preset says what differs from the defaults. */
import type { Experiment } from './experiment.ts';

export interface Preset {
  name: string;
  /** What to look for. */
  about: string;
  settings: Partial<Experiment>;
}

export const presets: readonly Preset[] = [
  {
    name: 'Learned',
    about:
      'Every layer has the paper’s router, without noise: watch the skip map turn from noise into a rule.',
    settings: {},
  },
  {
    name: 'As in the paper',
    about:
      'Gumbel noise throughout and λ = 0.1, as the paper has it. In so short a run the noise costs more than it gives, and so small a λ lets density stray from P.',
    settings: { noise: 1, lambda: 0.1 },
  },
  {
    name: 'First layer on',
    about:
      'The first layer runs for every token, so that routers see more than the token itself. The loss falls further.',
    settings: { firstOn: 1 },
  },
  {
    name: 'Compares both branches',
    about:
      'The straight-through estimator: it learns better in short runs, but training computes what is skipped, too.',
    settings: { estimator: 'straight-through' },
  },
  {
    name: 'Random',
    about: 'The control: a coin for each token and layer, which learns nothing.',
    settings: { router: 'random' },
  },
  {
    name: 'Dense',
    about:
      'No router; three layers, which is about what six cost at P = 0.35, keys and values of all tokens included.',
    settings: { router: 'none', layers: 3 },
  },
  {
    name: 'Mixture-of-Depths',
    about: 'The share P of a text with the largest weights runs: density is kept by construction.',
    settings: { router: 'mixture-of-depths' },
  },
  {
    name: 'Early exit',
    about:
      'A token stops before the first layer at which it is sure enough of what follows: a probability of 0.9.',
    settings: { router: 'early-exit' },
  },
];

export interface Pair {
  name: string;
  about: string;
  both: Partial<Experiment>;
  a: Partial<Experiment>;
  b: Partial<Experiment>;
}

export const pairs: readonly Pair[] = [
  {
    name: 'Learned or random',
    about: 'The same density; one router chooses, the other tosses a coin.',
    both: {},
    a: {},
    b: { router: 'random' },
  },
  {
    name: 'First layer on or not',
    about: 'What it is worth that routers see more than the token itself, at about the same cost.',
    both: {},
    a: { firstOn: 1, density: 0.25 },
    b: {},
  },
  {
    name: 'Two estimators',
    about: 'Comparing both branches, or asking about the taken one alone.',
    both: {},
    a: { estimator: 'straight-through' },
    b: { estimator: 'taken-branch' },
  },
  {
    name: 'With noise or without',
    about: 'Gumbel noise throughout, as in the paper, or none.',
    both: {},
    a: { noise: 1 },
    b: { noise: 0 },
  },
  {
    name: 'Six routed or three dense',
    about: 'About the same operations per token, spent by choice or evenly.',
    both: {},
    a: { firstOn: 1, density: 0.25 },
    b: { router: 'none', layers: 3 },
  },
];

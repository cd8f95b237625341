/** How the settings of an experiment are shown: names, what they mean, and what may be chosen. */
import { routers } from '../../../../../src/index.ts';
import { LEARNING_RATES, RANGES, type Setting, STEPS, WIDTHS } from './experiment.ts';

export type Field = { setting: Setting; label: string; help: string } & (
  | { kind: 'range'; least: number; most: number; step: number }
  | { kind: 'choice'; choices: readonly { value: string | number; label: string }[] }
  | { kind: 'number'; least: number; most: number }
  | { kind: 'switch' }
);

const numbers = (values: readonly number[]): { value: number; label: string }[] =>
  values.map((value) => ({ value, label: String(value) }));

export const fields: readonly Field[] = [
  {
    setting: 'router',
    label: 'Router',
    help: 'what decides for each token whether a layer runs',
    kind: 'choice',
    choices: Object.keys(routers).map((name) => ({
      value: name,
      label: name === 'none' ? 'none (dense)' : name,
    })),
  },
  { setting: 'layers', label: 'Layers', help: 'transformer layers', kind: 'range', ...RANGES.layers },
  {
    setting: 'firstOn',
    label: 'First layers on',
    help: 'layers from the first that every token runs',
    kind: 'range',
    ...RANGES.firstOn,
  },
  { setting: 'width', label: 'Width D', help: 'numbers per token', kind: 'choice', choices: numbers(WIDTHS) },
  {
    setting: 'seed',
    label: 'Seed',
    help: 'of the first weights, the texts and the noise',
    kind: 'number',
    ...RANGES.seed,
  },
  {
    setting: 'density',
    label: 'Density P',
    help: 'the share of tokens that should run each layer',
    kind: 'range',
    ...RANGES.density,
  },
  {
    setting: 'estimator',
    label: 'Estimator',
    help: 'how a gradient passes the decision',
    kind: 'choice',
    choices: [
      { value: 'taken-branch', label: 'taken-branch' },
      { value: 'straight-through', label: 'straight-through' },
    ],
  },
  {
    setting: 'lambda',
    label: 'Density loss λ',
    help: 'how hard density is pulled to P',
    kind: 'range',
    ...RANGES.lambda,
  },
  {
    setting: 'temperature',
    label: 'Temperature τ',
    help: 'of the router’s softmax',
    kind: 'range',
    ...RANGES.temperature,
  },
  {
    setting: 'noise',
    label: 'Gumbel noise',
    help: 'its scale in training; 1 in the paper',
    kind: 'range',
    ...RANGES.noise,
  },
  {
    setting: 'noiseFalls',
    label: 'Noise falls to 0',
    help: 'over the first 60 % of the steps',
    kind: 'switch',
  },
  {
    setting: 'learningRate',
    label: 'Learning rate',
    help: 'at its peak; it warms up over 40 steps, then falls along a cosine',
    kind: 'choice',
    choices: numbers(LEARNING_RATES),
  },
  {
    setting: 'steps',
    label: 'Steps',
    help: 'of 8 texts of 64 characters',
    kind: 'choice',
    choices: numbers(STEPS),
  },
];

export function fieldsOf(settings: readonly Setting[]): Field[] {
  return settings.map((setting) => fields.find((field) => field.setting === setting)!);
}

/** The choices of a field, and among them the value that it has, which an address may have brought. */
export function choicesWith(
  field: Field & { kind: 'choice' },
  value: string | number,
): readonly { value: string | number; label: string }[] {
  const { choices } = field;
  return choices.some((choice) => choice.value === value)
    ? choices
    : [...choices, { value, label: String(value) }];
}

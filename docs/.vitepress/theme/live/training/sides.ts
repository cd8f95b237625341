/** The state of the page that compares: what both runs share, and under a_ and b_ what each has of its own. */
import { defaultExperiment, type Experiment, type Setting, tidy } from './experiment.ts';

export const SHARED = ['width', 'learningRate', 'steps', 'seed'] as const satisfies readonly Setting[];
export const OWN = [
  'router',
  'estimator',
  'density',
  'layers',
  'firstOn',
  'lambda',
  'temperature',
  'noise',
  'noiseFalls',
] as const satisfies readonly Setting[];

export type Side = 'a' | 'b';
type Shared = (typeof SHARED)[number];
type Own = (typeof OWN)[number];

export type SidesState = Pick<Experiment, Shared> & {
  [Name in Own as `a_${Name}` | `b_${Name}`]: Experiment[Name];
};

/** Learned against random. */
export const defaultSides: SidesState = stateOf(defaultExperiment, {
  ...defaultExperiment,
  router: 'random',
});

/** Two experiments as one state; what they share is taken from the first. */
export function stateOf(a: Experiment, b: Experiment): SidesState {
  return Object.fromEntries([
    ...SHARED.map((name) => [name, a[name]]),
    ...OWN.map((name) => [`a_${name}`, a[name]]),
    ...OWN.map((name) => [`b_${name}`, b[name]]),
  ]) as SidesState;
}

/** One of the two experiments. */
export function sideOf(state: SidesState, side: Side): Experiment {
  return Object.fromEntries([
    ...SHARED.map((name) => [name, state[name]]),
    ...OWN.map((name) => [name, state[`${side}_${name}`]]),
  ]) as unknown as Experiment;
}

/** The name of a setting of one side in the state. */
export function nameIn(side: Side, setting: Setting): keyof SidesState {
  return (SHARED as readonly Setting[]).includes(setting) ? (setting as Shared) : `${side}_${setting as Own}`;
}

export function tidySides<S extends SidesState>(state: S): S {
  return { ...state, ...stateOf(tidy(sideOf(state, 'a')), tidy(sideOf(state, 'b'))) };
}

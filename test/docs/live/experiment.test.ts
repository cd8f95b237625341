/** Settings of the pages that train: what an address may say, and what becomes of it. */
import { describe, expect, it } from 'vitest';
import {
  changesOfModel,
  configure,
  defaultExperiment,
  type Experiment,
  matters,
  nameOf,
  OF_THE_MODEL,
  targetOf,
  tidy,
} from '../../../docs/.vitepress/theme/live/training/experiment.ts';
import { pairs, presets } from '../../../docs/.vitepress/theme/live/training/presets.ts';
import { readState, writeState } from '../../../docs/.vitepress/theme/live/url-state.ts';
import { routers } from '../../../src/index.ts';
import { checkModelConfig } from '../../../src/model/config.ts';
import { checkTrainingConfig } from '../../../src/train/config.ts';

function runs(experiment: Experiment): void {
  const { model, training } = configure(experiment, 80);
  checkModelConfig(model);
  checkTrainingConfig(training);
}

describe('an experiment', () => {
  it('runs in every preset and every pair, none of which needs tidying', () => {
    for (const { settings } of presets) {
      const experiment = { ...defaultExperiment, ...settings };
      expect(tidy(experiment)).toEqual(experiment);
      runs(experiment);
    }
    for (const { both, a, b } of pairs) {
      for (const side of [a, b]) runs(tidy({ ...defaultExperiment, ...both, ...side }));
    }
  });

  it('runs whatever an address says', () => {
    const wild =
      '?router=toString&estimator=x&density=9&layers=2.4&firstOn=4&width=33&lambda=-1&temperature=0';
    const read = readState(`${wild}&noise=1e9&learningRate=0&steps=0.2&seed=-5&noiseFalls=maybe`, {
      ...defaultExperiment,
    });
    const experiment = tidy(read);
    expect(experiment).toMatchObject({ router: 'learned', density: 0.95, layers: 2, firstOn: 2, width: 32 });
    expect(experiment).toMatchObject({ lambda: 0, temperature: 0.1, noise: 2, steps: 50, seed: 0 });
    runs(experiment);
  });

  it('comes back from its address', () => {
    for (const { settings } of presets) {
      const experiment = { ...defaultExperiment, ...settings };
      expect(
        readState(writeState({ ...experiment }, { ...defaultExperiment }), { ...defaultExperiment }),
      ).toEqual(experiment);
    }
  });

  it('says which changes need a new model', () => {
    expect(changesOfModel(defaultExperiment, { ...defaultExperiment, lambda: 2, density: 0.2 })).toEqual([]);
    expect(changesOfModel(defaultExperiment, { ...defaultExperiment, layers: 2, seed: 1 })).toEqual([
      'layers',
      'seed',
    ]);
    expect(OF_THE_MODEL.every((name) => name in defaultExperiment)).toBe(true);
  });

  it('knows which settings a router follows, as the table of routers has it', () => {
    for (const [name, { takes }] of Object.entries(routers) as [
      keyof typeof routers,
      (typeof routers)['none'],
    ][]) {
      expect(matters('density', name)).toBe(takes.includes('density'));
      expect(matters('noiseFalls', name)).toBe(takes.includes('noise'));
      expect(matters('estimator', name)).toBe(takes.includes('estimator'));
      expect(matters('layers', name)).toBe(true);
    }
  });

  it('has a target over all layers, and a name', () => {
    expect(targetOf({ ...defaultExperiment, density: 0.5, layers: 4, firstOn: 2 })).toBe(0.75);
    expect(targetOf({ ...defaultExperiment, router: 'none' })).toBe(1);
    expect(nameOf({ ...defaultExperiment, firstOn: 1 })).toBe('learned, 6 layers, P 0.35, first layer on');
    expect(nameOf({ ...defaultExperiment, router: 'none', layers: 1 })).toBe('dense, 1 layer');
  });
});

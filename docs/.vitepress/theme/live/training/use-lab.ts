/**
 * What the pages that train have in common: a text, experiments that the reader changes, and their training. A change that
 * the models can take is theirs from the next step on; one that needs new models waits until the reader asks for them, or
 * makes them at once while nothing has been trained that could be lost.
 */
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue';
import { changesOfModel, type Experiment, OF_THE_MODEL } from './experiment.ts';
import { fields } from './fields.ts';
import type { DeviceChoice } from './protocol.ts';
import { loadMobyDick } from './use-text.ts';
import { useTraining } from './use-training.ts';

/** What of a page's state is not an experiment. */
export interface LabState {
  device: DeviceChoice;
  /** Whose text it is; one of the reader's own is not part of an address. */
  text: 'moby-dick' | 'own';
  /** The text whose skip map is drawn. */
  watch: string;
  /** What generated text continues. */
  prompt: string;
}

export const defaultLab: LabState = {
  device: 'cpu',
  text: 'moby-dick',
  watch:
    'Call me Ishmael. The white whale swam before him, and the sea, the great grey sea, was calm that day.',
  prompt: 'The whale ',
};

/** Of the watched text, and of the prompt, in characters: it has to fit into an address. */
const LONGEST = { watch: 400, prompt: 60 };

export function tidyLab<S extends LabState>(state: S): S {
  return {
    ...state,
    device: ['cpu', 'one-thread', 'gpu'].includes(state.device) ? state.device : defaultLab.device,
    text: state.text === 'own' ? 'own' : 'moby-dick',
    watch: state.watch.slice(0, LONGEST.watch),
    prompt: state.prompt.slice(0, LONGEST.prompt),
  };
}

/** To be called in the setup of a component that only a browser renders. */
export function useLab(state: LabState, experiments: () => Experiment[]) {
  const training = useTraining();
  const { status, lanes } = training;
  /** The text of the reader's own; nothing until there is one. */
  const ownText = ref('');
  const problem = ref('');
  const made = shallowRef<{ experiments: Experiment[]; device: DeviceChoice; text: string } | null>(null);
  /** The address speaks of a text of somebody's own, which it cannot hold. */
  const missesText = computed(() => state.text === 'own' && ownText.value === '');

  /** What has been changed that only new models can have, in the words of the page. */
  const pending = computed<string[]>(() => {
    const old = made.value;
    if (!old) return [];
    const changed = experiments().flatMap((experiment, i) => changesOfModel(old.experiments[i], experiment));
    const labels = fields.filter(({ setting }) => changed.includes(setting)).map(({ label }) => label);
    if (state.device !== old.device) labels.push('Device');
    return labels;
  });
  const untrained = (): boolean => lanes.value.every(({ points }) => points.length === 0);

  /** Throws what was trained away and makes new models from the settings as they are. */
  async function reset(run = false): Promise<void> {
    clearTimeout(timer);
    let text = state.text === 'own' ? ownText.value : '';
    try {
      if (text === '') text = await loadMobyDick();
      problem.value = '';
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
      return;
    }
    if (gone) return;
    const { device, watch: watched, prompt } = state;
    const current = experiments().map((experiment) => ({ ...experiment }));
    made.value = { experiments: current, device, text };
    training.make({ experiments: current, text, device, watched, prompt }, run);
  }

  /** Trains on a text of the reader's own from now on; on Moby Dick again where it is empty. */
  function useOwnText(text: string): void {
    ownText.value = text;
    state.text = text === '' ? 'moby-dick' : 'own';
    void reset();
  }

  /** The settings that the models there are can take. */
  function possible(): Experiment[] {
    return experiments().map((experiment, i) => {
      const old = made.value?.experiments[i] ?? experiment;
      return { ...experiment, ...Object.fromEntries(OF_THE_MODEL.map((name) => [name, old[name]])) };
    });
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    () => JSON.stringify([experiments(), state.device]),
    () => {
      if (!made.value) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (!made.value) return;
        const idle = status.value === 'ready' || status.value === 'making' || status.value === 'failed';
        if (idle && untrained()) void reset();
        else training.adjust(possible());
      }, 200);
    },
  );

  let typing: ReturnType<typeof setTimeout> | undefined;
  watch(
    () => state.watch,
    (text) => {
      clearTimeout(typing);
      typing = setTimeout(() => training.watchText(text), 80);
    },
  );

  let gone = false;
  onMounted(() => void reset());
  onBeforeUnmount(() => {
    gone = true;
    clearTimeout(timer);
    clearTimeout(typing);
  });
  return { training, pending, problem, missesText, ownText, useOwnText, reset, longest: LONGEST };
}

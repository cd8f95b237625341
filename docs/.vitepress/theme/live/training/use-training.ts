/** The page's side of the protocol: a worker for each training, and what it has told so far. */
import { onScopeDispose, ref, shallowReactive, shallowRef } from 'vue';
import type { DeviceReport, SkipMap } from '../../../../../src/index.ts';
import type { Experiment } from './experiment.ts';
import type { DeviceChoice, Final, ModelInfo, Point, Reply, Request } from './protocol.ts';

export type Status = 'nothing' | 'making' | 'ready' | 'running' | 'paused' | 'done' | 'failed';

/** What is known of one model. */
export interface Lane {
  info: ModelInfo | null;
  /** Grows in place; `version` of the training says when. */
  points: Point[];
  map: SkipMap | null;
  written: { step: number; map: SkipMap; promptLength: number } | null;
  final: Final | null;
}

export interface Make {
  experiments: Experiment[];
  text: string;
  device: DeviceChoice;
  watched: string;
  prompt: string;
}

/** To be called in the setup of a component; the worker ends with it. */
export function useTraining() {
  const status = ref<Status>('nothing');
  const message = ref('');
  const device = shallowRef<DeviceReport | null>(null);
  const lanes = shallowRef<Lane[]>([]);
  /** Counts whenever points have come. */
  const version = ref(0);
  let worker: Worker | null = null;
  let runWhenMade = false;

  /**
   * Throws the models away and makes new ones, in a worker of their own: the memory of the last ones goes with theirs.
   *
   * @param run whether to train at once
   */
  function make({ experiments, text, device: choice, watched, prompt }: Make, run = false): void {
    worker?.terminate();
    status.value = 'making';
    message.value = '';
    lanes.value = experiments.map(() =>
      shallowReactive<Lane>({ info: null, points: [], map: null, written: null, final: null }),
    );
    version.value++;
    runWhenMade = run;
    worker = new Worker(new URL('./training.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => hear(data);
    worker.onerror = (event) => fail(event.message || 'the worker that trains could not be started');
    // Plain copies: what is reactive cannot be sent.
    send({
      kind: 'make',
      experiments: experiments.map((experiment) => ({ ...experiment })),
      text,
      device: choice,
      watched,
      prompt,
    });
  }

  function hear(reply: Reply): void {
    switch (reply.kind) {
      case 'made':
        device.value = reply.device;
        lanes.value.forEach((lane, i) => {
          lane.info = reply.info[i];
        });
        status.value = 'ready';
        if (runWhenMade) run();
        return;
      case 'points':
        lanes.value[reply.lane].points.push(...reply.points);
        version.value++;
        return;
      case 'map':
        lanes.value[reply.lane].map = reply.map;
        return;
      case 'written':
        lanes.value[reply.lane].written = reply;
        return;
      case 'final':
        lanes.value[reply.lane].final = reply.final;
        return;
      case 'done':
        status.value = 'done';
        return;
      case 'failed':
        fail(reply.message);
    }
  }

  function fail(why: string): void {
    status.value = 'failed';
    message.value = why;
  }

  function send(request: Request): void {
    worker?.postMessage(request);
  }

  function run(): void {
    if (status.value === 'making') runWhenMade = true;
    if (!['ready', 'paused', 'done'].includes(status.value)) return;
    status.value = 'running';
    send({ kind: 'run' });
  }

  function pause(): void {
    runWhenMade = false;
    if (status.value !== 'running') return;
    status.value = 'paused';
    send({ kind: 'pause' });
  }

  function step(): void {
    if (status.value !== 'ready' && status.value !== 'paused') return;
    status.value = 'paused';
    send({ kind: 'step' });
  }

  function adjust(experiments: readonly Experiment[]): void {
    send({ kind: 'adjust', experiments: experiments.map((experiment) => ({ ...experiment })) });
  }

  const watchText = (text: string): void => send({ kind: 'watch', text });
  const write = (prompt: string): void => send({ kind: 'write', prompt });

  onScopeDispose(() => worker?.terminate());
  return { status, message, device, lanes, version, make, run, pause, step, adjust, watchText, write };
}

export type Training = ReturnType<typeof useTraining>;

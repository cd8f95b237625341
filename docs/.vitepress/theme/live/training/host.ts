/** The worker's side of the protocol: trains its lanes in turns, and between steps does what the page asks. */
import { type DeviceReport, useDevice } from '../../../../../src/index.ts';
import type { DeviceChoice, Point, Reply, Request } from './protocol.ts';
import { readCorpus, TrainingSession } from './session.ts';

export interface HostOptions {
  post(reply: Reply): void;
  /** Lets messages in: resolves once those that wait have been received. */
  turn(): Promise<void>;
  /** Milliseconds. */
  now?(): number;
}

/** Milliseconds between … */
const EVERY = {
  /** … chances for the page to be heard, */
  turn: 15,
  /** … news of the curves, */
  points: 100,
  /** … skip maps, */
  map: 700,
  /** … samples of written text. */
  written: 4000,
};
/** Length of such a sample, in characters. */
const WRITTEN = 200;

export class TrainingHost {
  readonly #post: HostOptions['post'];
  readonly #turn: HostOptions['turn'];
  readonly #now: () => number;
  #lanes: TrainingSession[] = [];
  #points: Point[][] = [];
  #watched = '';
  #prompt = '';
  #wanted = false;
  /** The loop that trains, while it does. */
  #training: Promise<void> | null = null;
  readonly #last = { turn: 0, points: 0, map: 0, written: 0 };

  constructor({ post, turn, now = () => performance.now() }: HostOptions) {
    this.#post = post;
    this.#turn = turn;
    this.#now = now;
  }

  /** Does what the page asks; what goes wrong is told, not thrown. */
  async receive(request: Request): Promise<void> {
    try {
      await this.#do(request);
    } catch (error) {
      this.#wanted = false;
      this.#post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }

  async #do(request: Request): Promise<void> {
    switch (request.kind) {
      case 'make':
        return this.#make(request);
      case 'run':
        this.#wanted = true;
        this.#training ??= this.#train().finally(() => {
          this.#training = null;
        });
        return this.#training;
      case 'pause':
        this.#wanted = false;
        return;
      case 'step':
        if (this.#training) return;
        for (const [lane, session] of this.#lanes.entries()) if (!session.done) this.#step(lane);
        return this.#tellAll();
      case 'adjust':
        for (const [lane, session] of this.#lanes.entries()) session.adjust(request.experiments[lane]);
        return;
      case 'watch':
        this.#watched = request.text;
        return this.#tellMaps();
      case 'write':
        this.#prompt = request.prompt;
        return this.#tellWritten();
    }
  }

  async #make({ experiments, text, device, watched, prompt }: Request & { kind: 'make' }): Promise<void> {
    this.#watched = watched;
    this.#prompt = prompt;
    const report = await startDevice(device); // what the page says meanwhile is newer
    const corpus = readCorpus(text);
    this.#lanes = experiments.map((experiment) => new TrainingSession(experiment, corpus));
    this.#points = experiments.map(() => []);
    this.#post({ kind: 'made', device: report, info: this.#lanes.map(({ info }) => info) });
    this.#tellMaps();
    this.#tellWritten();
  }

  async #train(): Promise<void> {
    Object.assign(this.#last, { turn: this.#now(), points: 0, map: this.#now(), written: this.#now() });
    for (;;) {
      const lane = this.#next();
      if (!this.#wanted || lane < 0) break;
      this.#step(lane);
      if (this.#due('points')) this.#tellPoints();
      if (this.#due('map')) this.#tellMaps();
      if (this.#due('written')) this.#tellWritten();
      if (this.#due('turn')) await this.#turn();
    }
    this.#tellAll();
    if (this.#next() < 0) {
      this.#wanted = false;
      for (const [lane, session] of this.#lanes.entries()) {
        this.#post({ kind: 'final', lane, final: session.final() });
        await this.#turn();
      }
      this.#post({ kind: 'done' });
    }
  }

  /** The lane whose turn it is: the one that is least far; −1 where all are done. */
  #next(): number {
    let next = -1;
    for (const [lane, session] of this.#lanes.entries()) {
      if (!session.done && (next < 0 || session.step < this.#lanes[next].step)) next = lane;
    }
    return next;
  }

  #due(what: keyof typeof EVERY): boolean {
    const now = this.#now();
    if (now - this.#last[what] < EVERY[what]) return false;
    this.#last[what] = now;
    return true;
  }

  #step(lane: number): void {
    this.#points[lane].push(this.#lanes[lane].trainStep());
  }

  #tellAll(): void {
    this.#tellPoints();
    this.#tellMaps();
    this.#tellWritten();
  }

  #tellPoints(): void {
    for (const [lane, points] of this.#points.entries()) {
      if (points.length > 0) this.#post({ kind: 'points', lane, points });
      this.#points[lane] = [];
    }
  }

  #tellMaps(): void {
    for (const [lane, session] of this.#lanes.entries()) {
      this.#post({ kind: 'map', lane, step: session.step, map: session.mapOf(this.#watched) });
    }
  }

  #tellWritten(): void {
    for (const [lane, session] of this.#lanes.entries()) {
      this.#post({ kind: 'written', lane, step: session.step, ...session.write(this.#prompt, WRITTEN) });
    }
  }
}

function startDevice(choice: DeviceChoice): Promise<DeviceReport> {
  return choice === 'one-thread' ? useDevice('cpu', { threads: 1 }) : useDevice(choice);
}

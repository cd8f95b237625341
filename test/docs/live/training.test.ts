/** What the pages that train do, without a page: a session, and the worker's side of the protocol. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  defaultExperiment,
  type Experiment,
} from '../../../docs/.vitepress/theme/live/training/experiment.ts';
import { TrainingHost } from '../../../docs/.vitepress/theme/live/training/host.ts';
import { presets } from '../../../docs/.vitepress/theme/live/training/presets.ts';
import type { Point, Reply, Request } from '../../../docs/.vitepress/theme/live/training/protocol.ts';
import {
  type Corpus,
  readCorpus,
  TrainingSession,
} from '../../../docs/.vitepress/theme/live/training/session.ts';

const text = 'the white whale swam before him, and the sea was calm. '.repeat(60);
const small: Experiment = { ...defaultExperiment, layers: 2, width: 16, steps: 60 };
let corpus: Corpus;
beforeAll(() => {
  corpus = readCorpus(text);
});

function train(session: TrainingSession, steps: number): Point[] {
  return Array.from({ length: steps }, () => session.trainStep());
}

/** All that time does not change. */
function withoutTime(points: readonly Point[]): Omit<Point, 'tokensPerSecond'>[] {
  return points.map(({ tokensPerSecond: _, ...rest }) => rest);
}

describe('a session', () => {
  it('lowers the loss, and measures held-out text on the way', () => {
    const session = new TrainingSession(small, corpus);
    const points = train(session, 60);
    expect(session.done).toBe(true);
    expect(points.at(-1)!.trainLoss).toBeLessThan(points[0].trainLoss - 0.5);
    const measured = points.filter(({ valLoss }) => valLoss !== undefined);
    expect(measured.length).toBeGreaterThan(10);
    expect(measured.at(-1)!.step).toBe(60);
    expect(measured.at(-1)!.valLoss).toBeLessThan(measured[0].valLoss!);
    expect(points.at(-1)!.totalFlops).toBeGreaterThan(points[0].totalFlops);
    for (const { flops, denseFlops } of points) expect(flops).toBeLessThan(denseFlops);
  });

  it.each(presets)('trains, maps and writes as in the preset $name', ({ settings }) => {
    const session = new TrainingSession({ ...small, ...settings, layers: 2 }, corpus);
    const points = train(session, 3);
    expect(points.every(({ trainLoss }) => Number.isFinite(trainLoss))).toBe(true);
    const map = session.mapOf('whale');
    expect(map.active.map((row) => row.length)).toEqual([5, 5]);
    const { map: written, promptLength } = session.write('the ', 8);
    expect(promptLength).toBe(4);
    expect(written.tokens).toHaveLength(12);
    expect(written.active.map((row) => row.length)).toEqual([12, 12]);
    expect(session.final().losses.every(Number.isFinite)).toBe(true);
  });

  it('shows what the reader typed, also what the model has never seen, and takes an empty text', () => {
    const session = new TrainingSession(small, corpus);
    expect(session.mapOf('wh🐋').tokens).toEqual(['w', 'h', '🐋']);
    expect(session.mapOf('').tokens).toEqual([]);
    expect(session.write('', 2).map.tokens).toHaveLength(3);
  });

  it('goes on as if nothing had happened when settings stay as they are', () => {
    const once = new TrainingSession(small, corpus);
    const adjusted = new TrainingSession(small, corpus);
    const points = train(once, 10);
    const first = train(adjusted, 5);
    adjusted.adjust({ ...small });
    expect(withoutTime([...first, ...train(adjusted, 5)])).toEqual(withoutTime(points));
  });

  it('takes other settings on the way, and refuses those of another model', () => {
    const session = new TrainingSession(small, corpus);
    train(session, 2);
    session.adjust({ ...small, lambda: 3, density: 0.1, estimator: 'straight-through', learningRate: 0.001 });
    const [point] = train(session, 1);
    expect(point.step).toBe(3);
    expect(point.flops).toBeCloseTo(point.denseFlops, -4); // this estimator computes what is skipped, too
    expect(() => session.adjust({ ...small, layers: 3 })).toThrow();
  });

  it('says what is wrong with a text that is too short', () => {
    expect(() => readCorpus('short')).toThrow(/window of context 64 needs 65/);
  });
});

/** A host in a world of its own, in which a millisecond passes whenever it looks at the clock. */
function host(onTurn: (turn: number, host: TrainingHost) => void = () => {}) {
  const replies: Reply[] = [];
  let clock = 0;
  let turns = 0;
  const subject: TrainingHost = new TrainingHost({
    post: (reply) => void replies.push(reply),
    turn: async () => onTurn(++turns, subject),
    now: () => ++clock,
  });
  const of = <K extends Reply['kind']>(kind: K) =>
    replies.filter((reply): reply is Reply & { kind: K } => reply.kind === kind);
  return { subject, replies, of };
}

const make = (experiments: Experiment[]): Request => ({
  kind: 'make',
  experiments,
  text,
  device: 'one-thread',
  watched: 'whale',
  prompt: 'the ',
});

describe('the host', () => {
  it('makes, runs to the end, and tells all of it', async () => {
    const { subject, replies, of } = host();
    await subject.receive(make([small]));
    expect(replies.map(({ kind }) => kind)).toEqual(['made', 'map', 'written']);
    expect(of('made')[0].device).toMatchObject({ asked: 'cpu', running: 'cpu' });
    await subject.receive({ kind: 'run' });
    const steps = of('points').flatMap(({ points }) => points.map(({ step }) => step));
    expect(steps).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(of('map').at(-1)!.step).toBe(60);
    expect(of('final')).toHaveLength(1);
    expect(replies.at(-1)!.kind).toBe('done');
  });

  it('pauses between steps, answers meanwhile, and goes on where it stood', async () => {
    const { subject, of } = host((turn, subject) => {
      if (turn !== 1) return;
      void subject.receive({ kind: 'watch', text: 'sea' });
      void subject.receive({ kind: 'pause' });
    });
    await subject.receive(make([small]));
    await subject.receive({ kind: 'run' });
    const paused = of('points').flatMap(({ points }) => points).length;
    expect(paused).toBeGreaterThan(0);
    expect(paused).toBeLessThan(60);
    expect(of('map').at(-1)!.map.tokens.join('')).toBe('sea');
    expect(of('done')).toHaveLength(0);
    await subject.receive({ kind: 'step' });
    await subject.receive({ kind: 'adjust', experiments: [{ ...small, lambda: 2 }] });
    await subject.receive({ kind: 'run' });
    expect(of('points').flatMap(({ points }) => points)).toHaveLength(60);
    expect(of('done')).toHaveLength(1);
  });

  it('trains two lanes in turns, on the same texts', async () => {
    const { subject, of } = host();
    await subject.receive(make([small, { ...small, router: 'random' }]));
    await subject.receive({ kind: 'step' });
    const [a, b] = of('points');
    expect([a.lane, b.lane]).toEqual([0, 1]);
    await subject.receive({ kind: 'run' });
    const count = (lane: number) => of('points').flatMap((r) => (r.lane === lane ? r.points : [])).length;
    expect([count(0), count(1)]).toEqual([60, 60]);
    expect(of('final').map(({ final }) => final.losses.length)).toEqual([1, 1]);
  });

  it('repeats a run to the bit', async () => {
    const curves = [];
    for (let i = 0; i < 2; i++) {
      const { subject, of } = host();
      await subject.receive(make([{ ...small, steps: 50, noise: 1 }]));
      await subject.receive({ kind: 'run' });
      curves.push(withoutTime(of('points').flatMap(({ points }) => points)));
    }
    expect(curves[0]).toEqual(curves[1]);
  });

  it('tells what goes wrong', async () => {
    const { subject, of } = host();
    await subject.receive({ ...make([small]), text: 'short' } as Request);
    expect(of('failed')[0].message).toMatch(/needs 65/);
  });
});

/** What every benchmark begins and ends with: options of the command line, the device, a table or a line of JSON. */
import { parseArgs } from 'node:util';
import { type UseDeviceOptions, useDevice } from '../src/index.ts';

export interface Session {
  readonly threads: number;
  /** Pairs of vectors are joined by the engine (V8's revectorizer). */
  readonly wide: boolean;
  /** Products and sums may be rounded once. */
  readonly fast: boolean;
  /** What computes, in words: 'deterministic 128-bit'. */
  readonly mode: string;
  readonly device: string;
  /** batch,sequence,dim,heads,layers; undefined where it was not given. */
  readonly size: string | undefined;
  /** The least number of timed runs; undefined where it was not given. */
  readonly steps: number | undefined;
  /** Prints a table; with --json, one line of JSON. */
  report(rows: readonly Row[]): void;
}

/** One row of a table: names and figures, each under a key that says its unit. */
export type Row = Readonly<Record<string, string | number>>;

const options = {
  device: { type: 'string', default: 'cpu' },
  threads: { type: 'string', default: '2' },
  wide: { type: 'boolean', default: false },
  fast: { type: 'boolean', default: false },
  size: { type: 'string' },
  steps: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/**
 * Reads the options and starts the device:
 *
 *     --device NAME --threads 2 --wide --fast --size 8,128,128,4,4 --steps 40 --json
 *
 * @param bench the benchmark's name, for the reader of the JSON
 */
export async function startSession(bench: string): Promise<Session> {
  const { values } = parseArgs({ options });
  const { device, size, steps, json } = values;
  const asked: UseDeviceOptions & { wide?: boolean; fast?: boolean } =
    device === 'cpu'
      ? { threads: Number(values.threads), wide: values.wide || undefined, fast: values.fast || undefined }
      : {};
  const { running, reason } = await useDevice(device, { ...asked, fallback: 'error' });
  const { wide, fast, mode } = modeOf(running, reason);
  if ((values.wide && !wide) || (values.fast && !fast)) {
    throw new Error(`what was asked for does not run here; this does: ${reason}`);
  }
  const threads = running === 'cpu' ? Number(values.threads) : 1;
  const node = process.version;
  return {
    ...{ threads, wide, fast, mode, device, size },
    steps: steps === undefined ? undefined : Number(steps),
    report: (rows) => {
      if (json) console.log(JSON.stringify({ bench, device, threads, mode, node, rows }));
      else {
        console.log(`${bench}: ${mode}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, Node ${node}`);
        console.table(rows.map(shortened));
      }
    },
  };
}

/** What runs, from what the device says of itself. */
function modeOf(running: string, description: string): { wide: boolean; fast: boolean; mode: string } {
  const [, bits] = description.match(/SIMD of (\d+) bits/) ?? [];
  const [wide, fast] = [bits === '256', description.includes('--fast')];
  const mode = bits ? `${fast ? 'fast' : 'deterministic'} ${bits}-bit` : `${running} without SIMD`;
  return { wide, fast, mode };
}

/** Figures to three digits, for a person. */
function shortened(row: Row): Row {
  const short = (value: string | number): string | number =>
    typeof value === 'number' ? Number(value.toPrecision(value < 1000 ? 3 : 6)) : value;
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, short(value)]));
}

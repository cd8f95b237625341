/** What several commands share: their common options, and opening a device and a run by them. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Tokenizer } from '../data/tokenizer.ts';
import { type DeviceReport, useDevice } from '../device/use-device.ts';
import { visible } from '../report/format.ts';
import { type LoadedRun, loadRun } from '../train/load-run.ts';
import { RunFolder } from '../train/run-folder.ts';
import type { Output } from './output.ts';

export interface RunOptions extends ComputeOptions {
  run: string;
  device?: string;
  json?: boolean;
  seed: number;
}

/** Reads any text but none: mostly a shell variable that is not set, and as a path it would stand for this folder. */
export function filled(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It must not be empty.');
}

/** The least number above 0. */
export const ABOVE_0: number = Number.MIN_VALUE;

/** Reads a number from `least` to `most`. */
export const numberFrom =
  (least: number = -Infinity, most: number = Infinity) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    const range =
      most < Infinity ? ` from ${least} to ${most}` : least > -Infinity ? ` from ${least} up` : '';
    throw new InvalidArgumentError(`It must be a number${least === ABOVE_0 ? ' above 0' : range}.`);
  };

/** Reads a whole number from `least` up. */
export const countFrom =
  (least: number) =>
  (text: string): number => {
    const value = numberFrom(least)(text);
    if (Number.isSafeInteger(value)) return value;
    throw new InvalidArgumentError('It must be a whole number.');
  };

export function addJson(command: Command): Command {
  return command.option('--json', 'print the result as one line of JSON');
}

export function addSeed(command: Command, doc: string): Command {
  return command.addOption(new Option('--seed <n>', doc).argParser(countFrom(0)).default(0));
}

/** How the device computes. */
export interface ComputeOptions {
  threads?: number;
  fast?: boolean;
}

/** --threads and --fast. */
export function addCompute(command: Command): Command {
  const threads =
    'threads that compute (default: as many as the processor has, at most 8); results stay the same';
  return command
    .option('--threads <n>', threads, countFrom(1))
    .option('--fast', 'round products and sums together where that is faster; results depend on the machine');
}

/** --run, --device, --threads, --fast, --seed and --json. */
export function addRunOptions(command: Command, seedDoc: string): Command {
  command.requiredOption('--run <dir>', 'folder of a run');
  addCompute(command.option('--device <name>', 'where to compute (default: as in training)'));
  return addJson(addSeed(command, seedDoc));
}

/** Makes a device current, as fast as it runs here. */
export function startDevice(name: string, { threads, fast }: ComputeOptions = {}): Promise<DeviceReport> {
  // This process is ours, so V8 may be told to join vectors: where it cannot, the device says why and goes on without.
  const wide = name === 'cpu' ? true : undefined;
  return useDevice(name, { threads, fast, wide });
}

/** Makes a device current. @returns a sentence where another one runs than was asked for */
export async function openDevice(name: string, compute: ComputeOptions = {}): Promise<string[]> {
  const { asked, running, reason } = await startDevice(name, compute);
  return asked === running ? [] : [`${asked} cannot run here (${reason}); ${running} runs instead`];
}

/** The run that a command was given, on the device it was given. */
export async function openRun({ run, device, ...compute }: RunOptions, out: Output): Promise<LoadedRun> {
  const notes = await openDevice(device ?? new RunFolder(run).config().device, compute);
  for (const note of notes) out.warn(note);
  return loadRun(run);
}

/** The tokens of a text that a person typed; a character model has no token for characters it was not trained on. */
export function readable(tokenizer: Tokenizer, text: string, out: Output): Int32Array {
  if (tokenizer.kind === 'character') {
    const unknown = [...new Set(text)].filter((character) => tokenizer.encode(character)[0] === 0);
    const list = unknown.map(visible).join(' ');
    if (list !== '') out.warn(`not in the training text, so read as an unknown character: ${list}`);
  }
  return tokenizer.encode(text);
}

/** Example command lines, for --help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ hopgrad ${line}`).join('\n')}\n`;
}

/** The report of `devices --selftest`: what somebody else needs to know of a machine on which something went wrong. */
import { createRequire } from 'node:module';
import { arch, cpus, homedir, platform, release, totalmem } from 'node:os';
import type { KernelCheck, SelfTest } from '../device/self-test.ts';
import type { Timing } from '../device/self-timing.ts';
import type { DeviceReport } from '../device/use-device.ts';
import { packageVersion } from '../train/run-folder.ts';
import { oneLine } from './errors.ts';

/** A device that was asked for; no test where it cannot run. */
export interface DeviceTest extends DeviceReport {
  test: SelfTest | null;
}

export interface SelfTestReport {
  machine: Record<string, string>;
  devices: DeviceTest[];
}

export function machine(): Record<string, string> {
  const processors = cpus();
  return {
    hopgrad: packageVersion,
    'gpu.js': versionOf('gpu.js'),
    gl: versionOf('gl'),
    node: process.versions.node,
    system: `${platform()} ${arch()}, ${release()}`,
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    tested: new Date().toISOString(),
  };
}

function versionOf(name: string): string {
  try {
    return createRequire(import.meta.url)(`${name}/package.json`).version;
  } catch {
    return 'not installed';
  }
}

/** What became of a device, after its name. */
export function summaryOf({ running, reason, test }: DeviceTest): string {
  if (!test) return `cannot run here (${reason}); ${running} runs instead`;
  const wrong = test.kernels.filter(({ passed }) => !passed).map(({ kernel }) => kernel);
  return wrong.length === 0 ? 'computes what it should' : `is wrong in ${wrong.join(', ')}`;
}

/** One line of a table. */
export function cellsOf(step: KernelCheck | Timing): string[] {
  if ('work' in step) {
    const { work, milliseconds, runs, problem } = step;
    const time = `${digits(milliseconds, 3)} ms`;
    return [work, problem ? oneLine(problem) : time, `median of ${runs}`];
  }
  const { kernel, calls, error, passed, onDevice, problem } = step;
  const off = `error ${digits(100 * error, 2)} % of the bound`;
  const where = onDevice === null ? '' : ` (${onDevice} on the device)`;
  return [kernel, passed ? 'ok' : 'WRONG', `calls: ${calls}${where}`, problem ? oneLine(problem) : off];
}

function digits(value: number, count: number): string {
  return String(Number(value.toPrecision(count)));
}

/** Markdown. Nothing in it tells who ran it. */
export function selfTestPage({ machine, devices }: SelfTestReport): string {
  const sections = devices.map((device) => {
    const { asked, reason, renderer, test } = device;
    return [
      `## ${asked} ${test ? summaryOf(device) : 'cannot run here'}`,
      reason,
      ...(renderer ? [`Renderer: ${renderer}`] : []),
      ...Object.entries(test?.limits ?? {}).map(([what, most]) => `Limit: ${what} ${most}`),
      ...(test ? [table(test.kernels.map(cellsOf)), table(test.timings.map(cellsOf))] : []),
    ].join('\n\n');
  });
  return impersonal(`${['# hopgrad self-test', table(Object.entries(machine)), ...sections].join('\n\n')}\n`);
}

/** What was thrown may name folders. */
function impersonal(text: string): string {
  const folders = { [process.cwd()]: '.', [homedir()]: '~' };
  return Object.entries(folders)
    .filter(([folder]) => folder.length > 1)
    .reduce((shorter, [folder, name]) => shorter.replaceAll(folder, name), text);
}

function table(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map((row) => row.length));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const [empty, rule] = ['', '---'].map((cell) => line(Array(width).fill(cell)));
  return [empty, rule, ...rows.map(line)].join('\n');
}

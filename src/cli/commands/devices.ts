import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { selfTest } from '../../device/self-test.ts';
import { currentDevice, type DeviceReport, deviceNames } from '../../device/use-device.ts';
import { pad } from '../../report/terminal-text.ts';
import { addJson, addSeed, examples, filled, startDevice } from '../options.ts';
import { Output } from '../output.ts';
import { cellsOf, type DeviceTest, machine, selfTestPage, summaryOf } from '../self-test-page.ts';

interface DevicesOptions {
  selftest?: boolean;
  out?: string;
  json?: boolean;
}

const REPORT = 'hopgrad-selftest.md';

/** `hopgrad devices`: what runs here, and why. */
export function devicesCommand(): Command {
  const command = new Command('devices')
    .description('Say which devices run here, and why.')
    .argument('[names...]', 'devices to ask for (default: all)')
    .option(
      '--selftest',
      'try every kernel on them, take some times, and write a report to attach to an issue',
    )
    .option('--out <file>', `where the report of --selftest goes (default: ${REPORT})`, filled)
    .addHelpText('after', examples('devices', 'devices cpu --json', 'devices --selftest gpu'));
  addSeed(command, 'accepted by every command; nothing is drawn here');
  return addJson(command).action(async (names: string[], { selftest, out: file, json }: DevicesOptions) => {
    if (file !== undefined && !selftest) throw new Error('--out does nothing without --selftest');
    const out = new Output(json);
    const asked = names.length > 0 ? names : deviceNames();
    if (selftest) await runSelfTest(asked, names, file ?? REPORT, out);
    else await listDevices(asked, out);
  });
}

async function listDevices(names: readonly string[], out: Output): Promise<void> {
  const reports: DeviceReport[] = [];
  for (const name of names) reports.push(await startDevice(name));
  const rows = [
    ['asked', 'running', 'renderer', 'reason'],
    ...reports.map(({ asked, running, renderer, reason }) => [asked, running, renderer ?? '–', reason]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) out.say(row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  '));
  out.result(reports);
}

/**
 * @param wanted devices that must run
 * @throws Error where a kernel fails, or a wanted device does not run, when everything else is done
 */
async function runSelfTest(
  names: readonly string[],
  wanted: readonly string[],
  file: string,
  out: Output,
): Promise<void> {
  const devices: DeviceTest[] = [];
  for (const name of names) {
    const report = await startDevice(name);
    out.say(`${name}: ${report.reason}`);
    const runs = report.running === name;
    const result = runs
      ? await selfTest(currentDevice(), (step) => out.say(`  ${rowOf(cellsOf(step))}`))
      : null;
    devices.push({ ...report, test: result });
    out.say(`${name} ${summaryOf({ ...report, test: result })}\n`);
  }
  const result = { machine: machine(), devices };
  writeFileSync(file, selfTestPage(result));
  out.say(`report: ${file}`);
  out.result(result);
  const absent = devices.filter(({ asked, test }) => test === null && wanted.includes(asked));
  const failed = devices.filter(({ test }) => test?.passed === false);
  if (absent.length > 0 && failed.length === 0)
    throw new Error(absent.map(({ asked, reason }) => `${asked} cannot run here (${reason})`).join('; '));
  if (failed.length > 0) {
    const list = failed.map((device) => `${device.asked} ${summaryOf(device)}`).join('; ');
    throw new Error(`${list} (please report it, with ${file})`);
  }
}

function rowOf([first, ...others]: readonly string[]): string {
  return [pad(first, 32), ...others.map((cell, i) => pad(cell, i === 0 ? 10 : 28))].join('  ').trimEnd();
}

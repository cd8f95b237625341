import { Command } from 'commander';
import { deviceNames } from '../../device/use-device.ts';
import { pad } from '../../report/terminal-text.ts';
import { addJson, addSeed, examples, startDevice } from '../options.ts';
import { Output } from '../output.ts';

/** `hopgrad devices`: what runs here, and why. */
export function devicesCommand(): Command {
  const command = new Command('devices')
    .description('Say which devices run here, and why.')
    .argument('[names...]', 'devices to ask for (default: all)')
    .addHelpText('after', examples('devices', 'devices cpu --json'));
  addSeed(command, 'accepted by every command; nothing is drawn here');
  return addJson(command).action(async (names: string[], { json }: { json?: boolean }) => {
    const out = new Output(json);
    const reports = [];
    for (const name of names.length > 0 ? names : deviceNames()) reports.push(await startDevice(name));
    const rows = [
      ['asked', 'running', 'reason'],
      ...reports.map((report) => Object.values(report) as string[]),
    ];
    const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
    for (const [asked, running, reason] of rows) {
      out.say(`${pad(asked, widths[0])}  ${pad(running, widths[1])}  ${reason}`);
    }
    out.result(reports);
  });
}

import '../assemble.ts';
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../train/run-folder.ts';
import { devicesCommand } from './commands/devices.ts';
import { evalCommand } from './commands/eval.ts';
import { generateCommand } from './commands/generate.ts';
import { inspectCommand } from './commands/inspect.ts';
import { reproduceCommand } from './commands/reproduce.ts';
import { tasksCommand } from './commands/tasks.ts';
import { trainCommand } from './commands/train.ts';
import { explain, oneLine } from './errors.ts';
import { examples, filled } from './options.ts';

/** Runs the command line. @returns the status to exit with; what is wrong stands on standard error, in one line */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has printed its own by now: help, version, or what is wrong with the command line.
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`error: ${explain(error)}\n`);
    if (process.env.HOPGRAD_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return 1;
  }
}

function program(): Command {
  const root = new Command('hopgrad')
    .description('Language models that learn which layers each token may skip.')
    .version(packageVersion)
    .addHelpText(
      'after',
      examples(
        'train --steps 600',
        'generate --run runs/skip-6x64-p50-seed0 --prompt "The whale"',
        'inspect --run runs/skip-6x64-p50-seed0',
      ),
    );
  for (const make of [
    trainCommand,
    generateCommand,
    evalCommand,
    inspectCommand,
    tasksCommand,
    reproduceCommand,
    devicesCommand,
  ]) {
    root.addCommand(make());
  }
  for (const command of [root, ...root.commands]) {
    command.exitOverride().configureOutput({
      outputError: (text, write) => write(`${oneLine(text)}\n`),
    });
    for (const option of command.options) if (option.required && !option.parseArg) option.argParser(filled);
  }
  return root;
}

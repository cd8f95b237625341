/** Settings that are switched on, and have no value. */
import { Command } from 'commander';
import { expect, test } from 'vitest';
import '../../src/assemble.ts';
import { addSettings, commandLine, configFrom } from '../../src/cli/settings.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { RunConfig } from '../../src/train/config.ts';

function parsed(words: readonly string[]): RunConfig {
  const command = new Command('train').exitOverride();
  addSettings(command);
  return configFrom(command.parse([...words], { from: 'user' }));
}

test.each<[flag: string, name: keyof ModelConfig]>([
  ['--gated', 'gated'],
  ['--drop-keys', 'dropSkippedKeys'],
])('%s switches %s on, and is asked for again by the command line of its configuration', (flag, name) => {
  expect(parsed([]).model[name]).toBe(false);
  const config = parsed([flag]);
  expect(config.model[name]).toBe(true);
  expect(commandLine(config)).toBe(`hopgrad train ${flag}`);
});

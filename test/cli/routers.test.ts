/** What the command line says and asks of routers follows from their table. */
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import '../../src/assemble.ts';
import { addSettings, commandLine, configFrom } from '../../src/cli/settings.ts';
import { densityPerLayer, wrapChoices } from '../../src/model/config.ts';
import { routers, type Setting } from '../../src/routing/table.ts';
import type { RunConfig } from '../../src/train/config.ts';

function parsed(words: readonly string[]): RunConfig {
  const command = new Command('train').exitOverride();
  addSettings(command);
  return configFrom(command.parse([...words], { from: 'user' }));
}

test('--help names every router, with its line', () => {
  const command = new Command('train');
  addSettings(command);
  const help = command.helpInformation().replace(/\s+/g, ' ');
  for (const [name, { doc }] of Object.entries(routers)) expect(help).toContain(`${name} (${doc})`);
});

describe.each(Object.entries(routers))('--router %s', (router, { takes, wraps }) => {
  test.each<[Setting, string[]]>([
    ['density', ['--density', '0.3']],
    ['wraps', ['--wraps', 'attention']],
    ['dropKeys', ['--drop-keys']],
    ['densityFall', ['--density-fall', '0.3:0.7']],
    ['detachRouter', ['--detach-router']],
    ['estimator', ['--estimator', 'straight-through']],
    ['routerScale', ['--router-scale', '0.3']],
    ['lambda', ['--lambda', '0.3']],
    ['temperature', ['--temperature', '0.3']],
    ['noise', ['--noise', '0.3']],
    ['exitThreshold', ['--exit-threshold', '0.3']],
  ])('goes with %s if and only if it takes it', (setting, words) => {
    const ask = () => parsed(['--router', router, ...words]);
    if (takes.includes(setting)) expect(ask()).not.toEqual(parsed(['--router', router]));
    else expect(ask).toThrow(`${words[0]} does nothing with --router ${router}; leave one of them out`);
  });

  test('wraps what its row says, or what it is told', () => {
    expect(parsed(['--router', router]).model.wraps).toBe(wraps ?? 'layer');
    if (!takes.includes('wraps')) return;
    for (const part of wrapChoices)
      expect(parsed(['--router', router, '--wraps', part]).model.wraps).toBe(part);
  });

  test('is asked for again by the command line of its configuration', () => {
    const told = takes.includes('wraps') ? wrapChoices.map((part) => ['--wraps', part]) : [];
    for (const words of [[], ...told]) {
      const config = parsed(['--router', router, ...words]);
      expect(parsed(commandLine(config).split(' ').slice(2))).toEqual(config);
    }
  });

  test('has its target of density, or 1', () => {
    const { model } = parsed(['--router', router, '--layers', '2']);
    const routed = takes.includes('density');
    expect(densityPerLayer(model)).toEqual(routed ? [0.5, 0.5] : [1, 1]);
    expect(densityPerLayer({ ...model, density: [1, 0.25] })).toEqual(routed ? [1, 0.25] : [1, 1]);
  });
});

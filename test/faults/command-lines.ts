/** Command lines that people could mistype: every option there is, with values of every kind, unknown ones, repeated ones. */
import fc from 'fast-check';
import { evalCommand } from '../../src/cli/commands/eval.ts';
import { generateCommand } from '../../src/cli/commands/generate.ts';
import { inspectCommand } from '../../src/cli/commands/inspect.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { routers } from '../../src/routing/table.ts';

const commands = {
  train: trainCommand(),
  generate: generateCommand(),
  eval: evalCommand(),
  inspect: inspectCommand(),
};
type CommandName = keyof typeof commands | 'devices';

/** Small enough to run at once, or such that they have to be refused. */
const values: readonly string[] = [
  ...[
    '1',
    '2',
    '3',
    '4',
    '8',
    '0',
    '-1',
    '1.5',
    '0.5',
    '1e9',
    '1e99',
    '9007199254740993',
    '-0',
    '0x4',
    '1e-400',
    '٣',
  ],
  ...['NaN', 'Infinity', '-Infinity', 'null', 'undefined', 'true', '__proto__', 'constructor', 'toString'],
  ...['', ' ', '\n', '\t', '-', '--', '=', ',', '1,1', '1,2', '0.5,', ':', '1:0', '1:2:3', '0.5:x'],
  ...[
    'cpu',
    'reference',
    'abacus',
    ...Object.keys(routers),
    'layer',
    'attention',
    'taken-branch',
    'straight-through',
  ],
  ...[
    'adamw',
    'sgd',
    'adafactor',
    'character',
    'byte',
    '/dev/null/x',
    '/proc/nowhere',
    '.',
    '..',
    'new',
    'new/er',
    '~',
  ],
  ...[
    '🐋',
    '\u202eabc',
    '\x1b[31m',
    'é\u0301',
    '\ud800',
    'x'.repeat(5000),
    `${'a/'.repeat(200)}b`,
    "'; rm -rf /",
    '%s%n',
  ],
];

export interface CommandRecipe {
  command: CommandName | 'frobnicate' | '';
  /** Options with their values, in turn; null stands for none. */
  options: [name: string, value: string | null, joined: boolean][];
  extra: string[];
}

const anyValue = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...values) },
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const optionNames = Object.values(commands).flatMap(({ options }) =>
  options.map(({ long }) => long as string),
);
const names = fc.constantFrom(
  ...new Set(optionNames),
  '--help',
  '--version',
  '--frobnicate',
  '-h',
  '-x',
  '--',
  '--lay',
);

export const commandRecipes: fc.Arbitrary<CommandRecipe> = fc.record({
  command: fc.oneof(
    { weight: 4, arbitrary: fc.constant<CommandName>('train') },
    fc.constantFrom<CommandRecipe['command']>('generate', 'eval', 'inspect', 'devices', 'frobnicate', ''),
  ),
  options: fc.oneof<fc.Arbitrary<CommandRecipe['options']>[]>(
    fc.array(fc.tuple(names, fc.option(anyValue, { freq: 6 }), fc.boolean()), { maxLength: 4 }),
    // One at a time, so that not all are refused for another's sake.
    fc.tuple(fc.tuple(names, anyValue, fc.constant(false))),
  ),
  extra: fc.oneof({ weight: 6, arbitrary: fc.constant<string[]>([]) }, fc.array(anyValue, { maxLength: 2 })),
});

/**
 * The arguments. What comes first makes the work small, what comes last (an option counts as it was given last) keeps a
 * number that is good but large from making it long.
 *
 * @param run folder of a finished run
 * @param text a text file
 */
export function commandLine({ command, options, extra }: CommandRecipe, run: string, text: string): string[] {
  const given = options.flatMap(([name, value, joined]) =>
    value === null ? [name] : joined ? [`${name}=${value}`] : [name, value],
  );
  const small =
    '--layers 1 --dim 8 --heads 2 --context 8 --batch 2 --warmup 0 --device cpu --evaluate-every 1'.split(
      ' ',
    );
  const of = ['--run', run];
  switch (command) {
    case 'train':
      return command === 'train' && options.some(([name]) => name === '--resume')
        ? ['train', ...given, ...extra]
        : ['train', ...small, '--data', text, ...given, ...extra, '--steps', '1'];
    case 'generate':
      return ['generate', ...of, '--prompt', 'the', ...given, ...extra, '--tokens', '2'];
    case 'eval':
    case 'inspect':
      return [command, ...of, ...given, ...extra];
    case 'devices':
      return ['devices', 'cpu', ...given, ...extra.map((name) => `no-${name}`)];
    default:
      return [...(command === '' ? [] : [command]), ...given, ...extra];
  }
}

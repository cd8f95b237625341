import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultModel } from '../../src/model/config.ts';
import { routers } from '../../src/routing/table.ts';
import { defaultTraining } from '../../src/train/config.ts';
import { freshPath, textFile } from '../train/tiny.ts';
import { hopgrad, hopgradHere, type Outcome, tinyTraining } from './run-cli.ts';

let trained: string;
beforeAll(async () => {
  const { folder, outcome } = await tinyTraining('--steps', '30');
  expect(outcome.status).toBe(0);
  trained = folder;
});

/** The one line of JSON that a command printed. */
// biome-ignore lint/suspicious/noExplicitAny: its fields are what the tests are about
function json({ status, stdout, stderr }: Outcome): any {
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0]);
}

describe('generate', () => {
  const ask = (...more: string[]): Promise<Outcome> =>
    hopgradHere(['generate', '--run', trained, '--prompt', 'the whale', '--tokens', '40', ...more]);

  test('continues the prompt, the same for the same seed', async () => {
    const first = await ask();
    expect(first.stderr).toBe('');
    expect(first.stdout).toMatch(/^the whale[\s\S]{40}\n$/);
    expect((await ask()).stdout).toBe(first.stdout);
    expect((await ask('--seed', '1')).stdout).not.toBe(first.stdout);
  });

  test('with --json tells what was used and spent', async () => {
    const result = json(await ask('--json'));
    expect(result.text).toBe((await ask()).stdout.slice('the whale'.length, -1));
    expect(result).toMatchObject({ prompt: 'the whale', tokens: 40, layers: 2, device: 'cpu', seed: 0 });
    expect(result.layersUsed).toHaveLength(40);
    expect(result.layersPerToken).toBeCloseTo(
      result.layersUsed.reduce((a: number, b: number) => a + b) / 40,
      12,
    );
    expect(result.flopsPerToken).toBeLessThanOrEqual(result.denseFlopsPerToken);
  });

  test('colours when asked, or when FORCE_COLOR is set, and never with --no-colour', async () => {
    expect((await ask('--colour')).stdout).toContain('\x1b[48;5;');
    expect((await ask('--colour')).stdout).toContain('layers used:');
    const forced = (...more: string[]): string =>
      hopgrad(['generate', '--run', trained, '--prompt', 'the', '--tokens', '3', ...more], {
        env: { FORCE_COLOR: '1' },
      }).stdout;
    expect(forced()).toContain('\x1b[48;5;');
    expect(forced('--no-colour')).not.toContain('\x1b');
  });

  test('takes the likeliest tokens at temperature 0, among few with --top-k and --top-p', async () => {
    const greedy = (await ask('--temperature', '0')).stdout;
    expect((await ask('--temperature', '0', '--seed', '9')).stdout).toBe(greedy);
    expect((await ask('--top-k', '1')).stdout).toBe(greedy);
    expect((await ask('--top-p', '0.000001')).stdout).toBe(greedy);
  });

  test('warns in one line of characters the model has never seen', async () => {
    const { status, stderr, stdout } = await hopgradHere([
      'generate',
      '--run',
      trained,
      '--prompt',
      'tö Ω',
      '--tokens',
      '2',
    ]);
    expect(status).toBe(0);
    expect(stderr).toBe('! not in the training text, so read as an unknown character: ö Ω\n');
    expect(stdout).toMatch(/^t� �/);
  });

  test('writes characters of several bytes whole', async () => {
    const { folder } = await tinyTraining('--tokenizer', 'byte');
    const { stdout } = await hopgradHere([
      'generate',
      '--run',
      folder,
      '--prompt',
      '– ‘aye’ ',
      '--tokens',
      '1',
    ]);
    expect(stdout.startsWith('– ‘aye’ ')).toBe(true);
  });
});

describe('eval', () => {
  test('measures the held-out part, in words and as JSON', async () => {
    const words = await hopgradHere(['eval', '--run', trained]);
    expect(words.stdout).toMatch(/^loss +\d\.\d{3} nats per token/);
    const result = json(await hopgradHere(['eval', '--run', trained, '--json']));
    expect(words.stdout).toContain(result.loss.toFixed(3));
    expect(result.densityArgmaxPerLayer).toHaveLength(2);
    expect(result.bitsPerCharacter).toBeCloseTo(result.loss / Math.LN2, 12);
  });

  test('measures another text whole, and the training text on its held-out part only', async () => {
    const { data } = JSON.parse(readFileSync(`${trained}/config.json`, 'utf8'));
    const own = json(await hopgradHere(['eval', '--run', trained, '--json']));
    const named = json(await hopgradHere(['eval', '--run', trained, '--data', data, '--json']));
    expect(named).toEqual(own);
    const other = textFile(150);
    const characters = [...readFileSync(other, 'utf8')].length;
    const { tokens } = json(await hopgradHere(['eval', '--run', trained, '--data', other, '--json']));
    expect(tokens).toBe(Math.floor((characters - 1) / 16) * 16);
  });

  test('--batches bounds the work', async () => {
    const short = json(await hopgradHere(['eval', '--run', trained, '--batches', '1', '--json']));
    expect(short.tokens).toBeLessThanOrEqual(16 * 16);
  });
});

describe('inspect', () => {
  test('maps a text in the terminal, as JSON and as a page', async () => {
    const html = `${freshPath()}.html`;
    const { status, stdout } = await hopgradHere([
      'inspect',
      '--run',
      trained,
      '--text',
      'the whale',
      '--html',
      html,
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^2 [█·]{9}\n1 [█·]{9}\n {2}the␣whale\n/);
    expect(readFileSync(html, 'utf8')).toContain('</html>');
    const result = json(await hopgradHere(['inspect', '--run', trained, '--text', 'the whale', '--json']));
    expect(result.tokens.join('')).toBe('the whale');
    expect(result.active.map((layer: boolean[]) => layer.map((ran) => (ran ? '█' : '·')).join(''))).toEqual(
      [1, 0].map((line) => stdout.split('\n')[line].slice(2)),
    );
  });

  test('without a text it reads held-out text, another passage for another seed', async () => {
    const { folder } = await tinyTraining('--data', textFile(9000));
    const passage = async (seed: string): Promise<string> =>
      json(await hopgradHere(['inspect', '--run', folder, '--seed', seed, '--json'])).tokens.join('');
    expect(await passage('1')).not.toBe(await passage('2'));
  });
});

describe('help', () => {
  test.each(['train', 'generate', 'eval', 'inspect', 'tasks', 'devices'])(
    '%s explains itself, with examples',
    async (name) => {
      const { status, stdout } = await hopgradHere([name, '--help']);
      expect(status).toBe(0);
      for (const part of [`Usage: hopgrad ${name}`, '--json', '--seed', 'Examples:', `$ hopgrad ${name}`]) {
        expect(stdout).toContain(part);
      }
    },
  );

  test('train names its defaults', async () => {
    const help = (await hopgradHere(['train', '--help'])).stdout.replace(/\s+/g, ' ');
    expect(help).toContain(`transformer layers (default: ${defaultModel.layers})`);
    expect(help).toContain(`optimizer steps (default: ${defaultTraining.steps})`);
    expect(help).toContain(`peak learning rate (default: ${defaultTraining.learningRate})`);
    expect(help).toContain(`straight-through, taken-branch (default: ${defaultModel.estimator})`);
  });
});

describe('mistakes', () => {
  const folder = freshPath();
  const foreign = `${freshPath()}.safetensors`;
  writeFileSync(foreign, 'nothing of the kind');
  const mistakes: [string, string][] = [
    ['--frobnicate', 'unknown option'],
    ['frobnicate', 'unknown command'],
    ['train --layer 3', 'Did you mean --layers?'],
    ['train --layers none', "argument 'none' is invalid. It must be a number from 1 up."],
    ['train --layers 2.5', 'It must be a whole number.'],
    ['train --router magic', `Choose ${Object.keys(routers).join(', ')}.`],
    ['train --router random --estimator straight-through', '--estimator does nothing with --router random'],
    ['train --router none --density 0.5', '--density does nothing with --router none'],
    ['train --device reference --threads 2', "the device 'reference' takes no threads: leave the option out"],
    ['train --threads 100', 'threads must be a whole number from 1 to 64, not 100'],
    [
      'eval --run . --threads 0',
      "option '--threads <n>' argument '0' is invalid. It must be a number from 1 up.",
    ],
    ['train --dim 30 --heads 4', 'dim 30 must be a multiple of heads 4'],
    ['train --layers 3 --density 0.5,0.5', 'density lists 2 values for 3 layers'],
    ['train --lr 0', "option '--lr <x>' argument '0' is invalid. It must be a number above 0."],
    ['train --noise 1:-1', "option '--noise <x>' argument '1:-1' is invalid. It must be a number from 0 up."],
    ['train --density 2', 'It must be a number from 0 to 1.'],
    ['train --layers 1000000000', 'do not fit into 4 GB of memory; lower the largest of them'],
    ['train --batch 1000000000', 'batchSize 1000000000 is more than fits into memory; lower it'],
    ['train --device abacus', "there is no device 'abacus'"],
    ['train --data /nowhere.txt', 'there is no file or folder /nowhere.txt'],
    ['train --tokenizer nowhere.json', 'there is no file'],
    [`train --resume ${folder}`, `there is no folder ${folder}`],
    ['train --resume . --steps 9', '--steps cannot change what --resume continues: the learning rate'],
    ['train --resume . --lr 9', '--lr cannot change what --resume continues'],
    ['train --resume . --out x', '--out cannot change what --resume continues'],
    [`train --out ${foreign}/run`, 'a file stands where a folder was expected'],
    ['eval', "required option '--run <dir>' not specified"],
    ['eval --run .', 'not the folder of a run'],
    ['generate --run . --prompt x --temperature -1', 'It must be a number from 0 up.'],
    ['devices abacus', "there is no device 'abacus'"],
  ];

  test.each(mistakes)('hopgrad %s', async (line, message) => {
    const { status, stdout, stderr } = await hopgradHere(line.split(' '));
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: .*\n$/);
    expect(existsSync('x')).toBe(false);
  });

  test.each([
    ['train', '--data'],
    ['train', '--out'],
    ['train', '--resume'],
    ['train', '--tokenizer'],
    ['generate', '--prompt'],
    ['eval', '--run'],
    ['eval', '--data'],
    ['inspect', '--html'],
  ])('%s %s "" is refused, as an unset variable would make it', async (command, option) => {
    const { status, stderr } = await hopgradHere([command, option, '']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`^error: option '${option} <\\w+>' argument '' is invalid. It must not be empty.\n$`),
    );
  });

  test('a warm-up longer than the run is said to be cut', async () => {
    const { outcome } = await tinyTraining('--warmup', '7', '--json');
    expect(outcome.stderr).toContain(
      '! --warmup 7 is cut to the 6 steps of the run; the learning rate only rises\n',
    );
    expect(JSON.parse(outcome.stdout).warnings[0]).toContain('--warmup 7');
    expect((await tinyTraining()).outcome.stderr).not.toContain('--warmup');
  });

  test('a text too short to measure on is not to be mended by another context', async () => {
    const short = textFile(2);
    const { stderr } = await hopgradHere(['eval', '--run', trained, '--data', short]);
    expect(stderr).toMatch(
      /^error: TextDataset: the validation part has \d+ tokens, .*; use a longer text\n$/,
    );
  });

  test('a training that runs away ends in one line, and its folder can be used', async () => {
    const { folder: wild, outcome } = await tinyTraining('--lr', '1e30', '--warmup', '0', '--steps', '50');
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/^error: .*lower the learning rate.*\n$/);
    expect(existsSync(`${wild}/lock`)).toBe(false);
  });

  test('HOPGRAD_DEBUG=1 shows where it happened', () => {
    const { stderr } = hopgrad(['eval', '--run', '.'], { env: { HOPGRAD_DEBUG: '1' } });
    expect(stderr).toMatch(/\n +at .*run-folder/);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, type TestContext, test, vi } from 'vitest';
import { encodeSafetensors } from '../../src/data/safetensors.ts';
import { hopgradHere } from '../cli/run-cli.ts';
import { freshPath, textFile } from '../train/tiny.ts';
import { found, howMany } from './cases.ts';
import { commandLine, commandRecipes } from './command-lines.ts';
import { configRecipes, damagedConfig } from './config-files.ts';
import { fuzz, Subject } from './fuzzing.ts';
import { damaged, fileRecipes } from './safetensors-files.ts';
import { textBytes, textRecipes } from './texts.ts';
import { tokenizerFile, tokenizerRecipes } from './tokenizer-files.ts';

vi.setConfig({ testTimeout: 60_000 + 100 * howMany('HOPGRAD_CASES', 200) });

const text = textFile(300);
const run = freshPath();
const tiny = '--layers 1 --dim 8 --heads 2 --context 8 --batch 2 --warmup 0 --device cpu --steps 1'.split(
  ' ',
);
let subject: Subject;

beforeAll(async () => {
  const { stderr, status } = await hopgradHere(['train', ...tiny, '--data', text, '--out', run]);
  expect({ stderr, status }).toEqual({ stderr: expect.stringMatching(/^(! .*\n)*$/), status: 0 });
  subject = new Subject(run, text);
});

test.each([
  ['hang', 'it hangs, for 1000 ms'],
  ['exit', 'it crashes: 7'],
  ['memory', /it takes [34]\d\d(\.\d+)? MB/],
  ['time', /it takes \d+(\.\d+)? ms|it hangs/],
  ['raw', "Cannot read properties of null (reading 'x')"],
])('the watch notices: %s', async (how, message) => {
  const watched = how === 'hang' ? new Subject(run, text, 1000) : subject;
  const once = fuzz(watched, fc.constant(how), () => ({ kind: 'misbehave', input: { how } }));
  await expect(once).rejects.toThrow(message);
});

test('safetensors files', async (context: TestContext) => {
  const files = [
    readFileSync(join(run, 'checkpoint.safetensors')),
    readFileSync(join(run, 'model.safetensors')),
    encodeSafetensors({}),
    encodeSafetensors(
      {
        a: { dtype: 'F64', shape: [2], data: Float64Array.of(1, Number.NaN) },
        b: { dtype: 'U8', shape: [0, 3], data: new Uint8Array(0) },
      },
      { note: 'x' },
    ),
  ];
  const make = (recipe: Parameters<typeof damaged>[1]) =>
    ({ kind: 'safetensors', input: { bytes: damaged(files, recipe) } }) as const;
  found(context, { safetensors: await fuzz(subject, fileRecipes, make) });
});

test('tokenizer.json', async (context: TestContext) => {
  const counts = await fuzz(subject, tokenizerRecipes, (recipe) => ({
    kind: 'tokenizer',
    input: { json: tokenizerFile(recipe), text: recipe.text },
  }));
  found(context, { tokenizer: counts });
});

test('config.json of a run', async (context: TestContext) => {
  const config = readFileSync(join(run, 'config.json'), 'utf8');
  const counts = await fuzz(subject, configRecipes, (recipe) => ({
    kind: 'config',
    input: { json: damagedConfig(config, recipe), sign: recipe.sign, weights: recipe.weights },
  }));
  found(context, { config: counts });
});

test('command lines', async (context: TestContext) => {
  const counts = await fuzz(subject, commandRecipes, (recipe) => ({
    kind: 'commandLine',
    input: { args: commandLine(recipe, run, text) },
  }));
  found(context, { commandLine: counts });
});

test('texts', async (context: TestContext) => {
  const counts = await fuzz(subject, textRecipes, (recipe) => {
    const options = ['--context', String(recipe.context), '--tokenizer', recipe.tokenizer];
    return {
      kind: 'text',
      input: {
        bytes: textBytes(recipe),
        strings: recipe.strings,
        tokenizer: recipe.tokenizer,
        args: recipe.train ? ['train', ...tiny, ...options] : null,
      },
    };
  });
  found(context, { text: counts });
});

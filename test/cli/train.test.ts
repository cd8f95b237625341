import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { routers } from '../../src/routing/table.ts';
import { freshPath, savedCurve, savedState, textFile } from '../train/tiny.ts';
import { hopgrad, hopgradHere, startHopgrad, tiny, tinyTraining, waitForRows } from './run-cli.ts';

describe('train', () => {
  test('shows what was learned and leaves all of it in a folder', async () => {
    const { folder, outcome } = await tinyTraining('--evaluate-every', '3');
    expect(outcome.stderr).toMatch(/^(! .*\n)*$/);
    expect(outcome.status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([
      'checkpoint.safetensors',
      'config.json',
      'metrics.jsonl',
      'model.safetensors',
      'report.html',
      'summary.json',
      'tokenizer.json',
    ]);
    const lines = outcome.stdout.split('\n');
    expect(lines.filter((line) => /^[36]\/6 .*loss .*bits\/char .*density .*tok\/s/.test(line))).toHaveLength(
      2,
    );
    for (const part of [
      'held-out loss',
      'FLOPs per token',
      'What it writes',
      'Characters',
      'Words',
      'skip most',
    ]) {
      expect(outcome.stdout).toContain(part);
    }
    expect(lines.at(-2)).toBe(`report  ${join(folder, 'report.html')}`);
    expect(stripVTControlCharacters(outcome.stdout)).toBe(outcome.stdout);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('hopgrad train --data');
  });

  test('with --json prints the summary as one last line', async () => {
    const { folder, outcome } = await tinyTraining('--json');
    const lines = outcome.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    const summary = JSON.parse(lines[0]);
    expect(summary).toEqual(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')));
    expect(summary).toMatchObject({ runDir: folder, device: 'cpu', steps: 6, densityTarget: 0.5 });
    expect(summary.densityArgmaxPerLayer).toHaveLength(2);
    expect(summary.flopsPerToken).toBeLessThan(summary.denseFlopsPerToken);
    expect(summary.bitsPerCharacter).toBeCloseTo(summary.valLoss / Math.LN2, 12);
    expect(outcome.stderr).toContain('What it writes');
  });

  test('names its folder for what it trains, and numbers the next one', () => {
    const cwd = freshPath();
    mkdirSync(cwd);
    const args = [
      'train',
      ...tiny,
      '--steps',
      '1',
      '--data',
      textFile(),
      '--router',
      'random',
      '--density',
      '1,0.5',
      '--seed',
      '4',
    ];
    expect(hopgrad(args, { cwd }).status).toBe(0);
    expect(hopgrad(args, { cwd }).status).toBe(0);
    expect(readdirSync(join(cwd, 'runs'))).toEqual(['random-2x16-p75-seed4', 'random-2x16-p75-seed4-2']);
  });

  test('the command in the report makes the same configuration', async () => {
    const options = [
      '--density',
      '1,0.5',
      '--noise',
      '1:0',
      '--gated',
      '--tokenizer',
      'byte',
      '--seed',
      '3',
      '--lr',
      '0.01',
    ];
    const { folder } = await tinyTraining(...options);
    const report = readFileSync(join(folder, 'report.html'), 'utf8');
    const command = report.match(/hopgrad train ([^<]*)/)![1];
    const again = freshPath();
    expect((await hopgradHere(['train', ...command.split(' '), '--out', again])).status).toBe(0);
    expect(readFileSync(join(again, 'config.json'), 'utf8')).toBe(
      readFileSync(join(folder, 'config.json'), 'utf8'),
    );
    expect(savedCurve(again)).toEqual(savedCurve(folder));
  });

  test('the number of threads changes no number, and is no part of the run', async () => {
    const wide = '--dim 64 --heads 4 --context 64 --batch 8 --steps 3 --noise 1 --data'.split(' ');
    const data = textFile(1500);
    const folders: string[] = [];
    for (const threads of ['1', '2', '3']) {
      const folder = freshPath();
      const args = ['train', ...tiny, ...wide, data, '--threads', threads, '--out', folder];
      expect(await hopgradHere(args)).toMatchObject({ status: 0 });
      folders.push(folder);
      const { stdout } = await hopgradHere(['eval', '--run', folder, '--threads', threads, '--json']);
      expect(JSON.parse(stdout).loss).toBeGreaterThan(0);
    }
    const [one, ...others] = folders;
    for (const other of others) {
      expect(savedCurve(other)).toEqual(savedCurve(one));
      expect(savedState(other)).toEqual(savedState(one));
      const config = (folder: string): string => readFileSync(join(folder, 'config.json'), 'utf8');
      expect(config(other)).toBe(config(one));
    }
  });

  test.each(Object.entries(routers))('the router %s trains and reports', async (router, { takes }) => {
    const { outcome } = await tinyTraining('--router', router, '--json');
    expect(outcome.status).toBe(0);
    const summary = JSON.parse(outcome.stdout);
    const routed = takes.includes('density');
    expect(summary.densityTarget).toBe(routed ? 0.5 : 1);
    if (!routed) expect(summary.densityArgmax).toBe(1);
    if (!routed) expect(summary.warnings.join()).not.toContain('collapsed');
    if (router === 'none') expect(summary.flopsPerToken).toBe(summary.denseFlopsPerToken);
  });
});

describe('stopping and resuming', () => {
  const endless = (folder: string, data: string): string[] => [
    'train',
    ...tiny,
    '--steps',
    '200000',
    '--checkpoint-every',
    '100000',
    '--data',
    data,
    '--out',
    folder,
  ];

  test('Ctrl-C finishes the step, saves, writes the report and exits with 130', async () => {
    const folder = freshPath();
    const { child, finished } = startHopgrad(endless(folder, textFile()));
    await waitForRows(folder, 3);
    child.kill('SIGINT');
    child.kill('SIGINT'); // npm passes on what the terminal has sent already
    const { status, stdout } = await finished;
    expect(status).toBe(130);
    expect(stdout).toContain(`continue with: hopgrad train --resume ${folder}`);
    expect(existsSync(join(folder, 'report.html'))).toBe(true);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
    expect(savedCurve(folder)).toHaveLength(summary.steps);
    expect(summary.warnings).toContain(`stopped at step ${summary.steps} of 200000`);
  });

  test('SIGTERM does the same, with its own exit code', async () => {
    const folder = freshPath();
    const { child, finished } = startHopgrad(endless(folder, textFile()));
    await waitForRows(folder, 1);
    child.kill('SIGTERM');
    expect((await finished).status).toBe(143);
    expect(existsSync(join(folder, 'checkpoint.safetensors'))).toBe(true);
  });

  test('a second Ctrl-C ends it at once, and the run can still be resumed', async () => {
    const folder = freshPath();
    // A large text makes for a long last measurement, to be cut short.
    const { child, finished } = startHopgrad(endless(folder, textFile(200_000)));
    await waitForRows(folder, 1);
    child.kill('SIGINT');
    await new Promise<void>((resolve) => {
      child.stdout!.on('data', (data) => String(data).includes('measuring') && resolve());
    });
    child.kill('SIGINT');
    expect((await finished).signal).toBe('SIGINT');
    expect(existsSync(join(folder, 'summary.json'))).toBe(false);
    const resumed = startHopgrad(['train', '--resume', folder]);
    await waitForRows(folder, savedCurve(folder).length + 1);
    resumed.child.kill('SIGKILL');
    await resumed.finished;
  });

  test('two processes cannot train in one folder', async () => {
    const folder = freshPath();
    const { child, finished } = startHopgrad(endless(folder, textFile()));
    await waitForRows(folder, 1);
    const second = hopgrad(['train', '--resume', folder]);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(
      new RegExp(`^error: process ${child.pid} is training in this folder; .*\n$`),
    );
    child.kill('SIGKILL');
    await finished;
  });
});

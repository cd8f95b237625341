import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test, vi } from 'vitest';
import { RunFolder } from '../../src/train/run-folder.ts';
import { TrainingRun } from '../../src/train/training-run.ts';
import { hopgrad, type Outcome, startHopgrad } from '../cli/run-cli.ts';
import { freshPath } from '../train/tiny.ts';
import { found, howMany } from './cases.ts';
import { expectSameBits, main, nextCommand, preload, type Training, training } from './runs.ts';

/** Sizes of disk to fill, and races to run. */
const TIMES = howMany('HOPGRAD_FAULTS', 2);
vi.setConfig({ testTimeout: 60_000 + 15_000 * TIMES });

const linux = process.platform === 'linux';
const root = process.getuid?.() === 0;
const can = (command: string): boolean => linux && spawnSync('bash', ['-c', command]).status === 0;
/** Whether this account may mount file systems of its own, in a name space of its own. */
const mounts = can('unshare -rm mount -t tmpfs tmpfs /mnt');
/** Permissions do not bind root, unless it lays down the right to pass over them. */
const humbly = root ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];
const permissionsBind = linux && (!root || can('setpriv --bounding-set=-dac_override true'));

/** Runs `hopgrad` as another command's argument, such as `nice`. */
function under(words: readonly string[], args: readonly string[]): Outcome {
  const [command, ...rest] = [...words, process.execPath, main, ...args];
  const { status, signal, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8' });
  return { status, signal, stdout, stderr };
}

/** In the shell, with a limit or a mount before it. */
const shell = (script: string): string[] => ['bash', '-c', `${script}; exec "$@"`, 'bash'];

/** That a command failed with one line, which says this. */
function expectRefusal({ status, stderr }: Outcome, ...parts: string[]): void {
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^(! .*\n)*error: .*\n$/) });
  for (const part of parts) expect(stderr).toContain(part);
}

const nine: Training = training(3, '--steps', '9');

/** A run of the same training, stopped after four steps. */
async function stoppedRun(): Promise<string> {
  const { model, training: how, data, tokenizer, device } = new RunFolder(nine.whole).config();
  const folder = freshPath();
  const run = TrainingRun.create({ model, training: how, data, tokenizer, device }, folder);
  const stop = new AbortController();
  await run.train({ signal: stop.signal, onStep: ({ step }) => step === 4 && stop.abort() });
  run.close();
  return folder;
}

test.skipIf(!linux)(
  'a disk that is full for the checkpoint: the message names it, and with room the run goes on',
  async (context: TestContext) => {
    const folder = await stoppedRun();
    symlinkSync('/dev/full', join(folder, 'checkpoint.safetensors.tmp'));
    const outcome = hopgrad(['train', '--resume', folder]);
    expectRefusal(
      outcome,
      join(folder, 'checkpoint.safetensors'),
      'the disk is full; free some space',
      'train --resume',
    );
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    expect(hopgrad(['train', '--resume', folder])).toMatchObject({ status: 0 });
    expectSameBits(folder, nine);
    found(context, {
      fault: 'full disk (/dev/full) while a checkpoint is written',
      outcome: outcome.stderr.trim(),
    });
  },
);

test.skipIf(!mounts)(
  'a disk of any size that fills up: whatever did not fit, with room the run goes on',
  (context: TestContext) => {
    const disk = freshPath();
    mkdirSync(disk);
    const place = join(disk, 'run');
    const outcomes: string[] = [];
    for (let i = 0; i < TIMES; i++) {
      const copy = freshPath();
      // Room for the first files or not even that, and in turn for a checkpoint, for two, for nearly all of it.
      const kilobytes = i % 2 === 0 ? [8, 4, 12, 16, 20][(i / 2) % 5] : Math.round(40 + (250 * i) / TIMES);
      // Both processes run in one name space, and what they leave is copied out of it before it goes. A large file makes
      // the disk small: only root could change its size.
      const script = `
      mount -t tmpfs -o size=4096k tmpfs ${disk}
      head -c ${4096 - kilobytes}k /dev/zero > ${disk}/filler
      node=$1 main=$2; shift 2
      "$node" "$main" "$@" --out ${place}; echo "status $?" >&2
      rm ${disk}/filler
      if [ -e ${place}/config.json ]; then "$node" "$main" train --resume ${place}; else "$node" "$main" "$@" --out ${place}; fi
      echo "status $?" >&2
      cp -r ${place} ${copy}`;
      const args = ['-rm', 'bash', '-c', script, 'bash', process.execPath, main, ...nine.args];
      const { stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
      const [first, second] = stderr.split(/status (?=\d)/);
      expect(second, stderr).toMatch(/^1\n(! .*\n)*$/);
      expect(first).toMatch(/^(! .*\n)*error: .*: the disk is full; free some space.*\(ENOSPC\)\n$/);
      expect(first).toContain(place);
      expect(stderr).toMatch(/status 0\n$/);
      expectSameBits(copy, nine);
      outcomes.push(`${kilobytes} kB: ${first.trim().split('\n').at(-1)!.replaceAll(disk, '')}`);
    }
    found(context, { fault: 'full disk (tmpfs)', outcome: outcomes });
  },
);

test.skipIf(!linux)('a limit on the size of files', (context: TestContext) => {
  const folder = freshPath();
  const outcome = under(shell('ulimit -f 40'), [...nine.args, '--out', folder]);
  expectRefusal(
    outcome,
    join(folder, 'checkpoint.safetensors'),
    'larger than this account or disk allows',
    '(EFBIG)',
  );
  expect(hopgrad(nextCommand(nine, folder))).toMatchObject({ status: 0 });
  expectSameBits(folder, nine);
  found(context, { fault: 'limit on the size of files (ulimit -f)', outcome: outcome.stderr.trim() });
});

test.skipIf(!permissionsBind)('a folder that may be read only', async (context: TestContext) => {
  const folder = await stoppedRun();
  const before = readdirSync(folder);
  chmodSync(folder, 0o555);
  try {
    const resumed = under(humbly, ['train', '--resume', folder]);
    expectRefusal(
      resumed,
      join(folder, 'lock'),
      'no permission; choose another path, or change its permissions',
    );
    expectRefusal(
      under(humbly, [...nine.args, '--out', join(folder, 'new')]),
      join(folder, 'new'),
      'no permission',
    );
    expectRefusal(
      under(humbly, ['inspect', '--run', folder, '--html', join(folder, 'x.html')]),
      'x.html',
      'no permission',
    );
    expect(under(humbly, ['eval', '--run', folder])).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual(before);
    found(context, { fault: 'read-only folder (permissions)', outcome: resumed.stderr.trim() });
  } finally {
    chmodSync(folder, 0o755);
  }
  expect(hopgrad(['train', '--resume', folder])).toMatchObject({ status: 0 });
  expectSameBits(folder, nine);
});

test.skipIf(!mounts)('a disk that may be read only', async (context: TestContext) => {
  const folder = await stoppedRun();
  const readOnly = [
    'unshare',
    '-rm',
    ...shell(`mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`),
  ];
  const resumed = under(readOnly, ['train', '--resume', folder]);
  expectRefusal(resumed, join(folder, 'lock'), 'the folder is read-only; choose another');
  expectRefusal(
    under(readOnly, [...nine.args, '--out', join(folder, 'new')]),
    join(folder, 'new'),
    'read-only',
  );
  expect(under(readOnly, ['eval', '--run', folder])).toMatchObject({ status: 0, stderr: '' });
  expect(hopgrad(['train', '--resume', folder])).toMatchObject({ status: 0 });
  expectSameBits(folder, nine);
  found(context, { fault: 'read-only disk (bind mount)', outcome: resumed.stderr.trim() });
});

test('of processes that begin or resume a run at the same moment, one trains', async (context: TestContext) => {
  const stopped = await stoppedRun();
  let said = '';
  for (let i = 0; i < TIMES; i++) {
    const folder = freshPath();
    if (i % 2 === 0) cpSync(stopped, folder, { recursive: true });
    const command = nextCommand(nine, folder);
    const outcomes = await Promise.all([1, 2, 3].map(() => startHopgrad(command).finished));
    const losers = outcomes.filter(({ status }) => status !== 0);
    for (const loser of losers) {
      expectRefusal(loser);
      expect(loser.stderr).toMatch(
        /is training in this folder; wait for it or stop it|is not empty; choose another/,
      );
      said = loser.stderr.trim();
    }
    expect(losers.length).toBeLessThan(3);
    expectSameBits(folder, nine);
    expect(readdirSync(folder).filter((name) => /lock|tmp/.test(name))).toEqual([]);
  }
  found(context, { fault: 'three processes on one folder at the same moment', outcome: said });
});

for (const CLOCK of ['forward', 'back', 'both']) {
  test(`clocks that jump by years (${CLOCK}) change nothing but times`, (context: TestContext) => {
    const folder = freshPath();
    const env = { ...preload('jumping-clock'), CLOCK };
    expect(hopgrad([...nine.args, '--out', folder], { env })).toMatchObject({ status: 0 });
    expect(hopgrad(['train', '--resume', folder], { env })).toMatchObject({ status: 0 });
    expectSameBits(folder, nine);
    for (const name of ['metrics.jsonl', 'summary.json']) {
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain('null');
    }
    found(context, { fault: `clocks that jump by years: ${CLOCK}`, outcome: 'the same bits' });
  });
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { lock } from '../../src/train/lock.ts';
import { complaint, freshPath } from './tiny.ts';

const compiled = new URL('../../dist/src/train/lock.js', import.meta.url).href;

/** A process that takes the lock, says whether it could, and holds it until it is killed. */
function contender(file: string): ReturnType<typeof spawn> {
  const script = `
    import { lock } from ${JSON.stringify(compiled)};
    try { lock(${JSON.stringify(file)}); console.log('got it'); } catch (error) { console.log(error.message); }
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The id of a process that has come and gone. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

test('a lock can be taken once, and again when it was given back', () => {
  const file = freshPath();
  const release = lock(file);
  expect(complaint(() => lock(file))).toContain(`process ${process.pid} is training in this folder`);
  release();
  expect(existsSync(file)).toBe(false);
  lock(file)();
});

test('a living process keeps its lock; a killed one loses it', async () => {
  const file = freshPath();
  const holder = contender(file);
  expect(String(await once(holder.stdout!, 'data'))).toContain('got it');
  expect(complaint(() => lock(file))).toContain(
    `process ${holder.pid} is training in this folder; wait for it or stop it`,
  );
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  lock(file)();
});

test('an id that has come back to this very process does not keep it out', () => {
  const file = freshPath();
  writeFileSync(file, `${process.pid}\n`);
  lock(file)();
});

test('a lock that names no process is left alone, and the message says what to do', () => {
  const file = freshPath();
  writeFileSync(file, '');
  expect(complaint(() => lock(file))).toContain(`delete ${file}`);
});

test('of several processes that find a stale lock, one gets it', async () => {
  const file = freshPath();
  writeFileSync(file, `${deadProcess()}\n`);
  const contenders = Array.from({ length: 4 }, () => contender(file));
  const answers = await Promise.all(
    contenders.map(async ({ stdout }) => String(await once(stdout!, 'data'))),
  );
  for (const child of contenders) child.kill('SIGKILL');
  expect(answers.filter((answer) => answer.startsWith('got it'))).toHaveLength(1);
  const beside = readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.`));
  expect(beside).toEqual([]);
});

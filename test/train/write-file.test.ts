import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Random } from '../../src/tensor/random.ts';
import { writeFileAtomically } from '../../src/train/write-file.ts';
import { freshPath } from './tiny.ts';

test('a new file replaces the old one and leaves nothing beside it', () => {
  const folder = freshPath();
  mkdirSync(folder);
  writeFileAtomically(join(folder, 'a'), 'old');
  writeFileAtomically(join(folder, 'a'), Uint8Array.of(110, 101, 119));
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a write that fails leaves the old file, and says which file it was', () => {
  const folder = freshPath();
  mkdirSync(join(folder, 'a'), { recursive: true });
  writeFileSync(join(folder, 'a', 'child'), 'kept');
  // A folder stands where the file should go, so that the last move fails, when all has been written.
  expect(() => writeFileAtomically(join(folder, 'a'), 'new')).toThrow(
    expect.objectContaining({ path: join(folder, 'a') }),
  );
  expect(readFileSync(join(folder, 'a', 'child'), 'utf8')).toBe('kept');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('killed at any moment, it leaves the old file or the new, whole', async () => {
  const folder = freshPath();
  mkdirSync(folder);
  const file = join(folder, 'a');
  const size = 3_000_000;
  const script = `
    import { writeFileAtomically } from ${JSON.stringify(new URL('../../dist/src/train/write-file.js', import.meta.url).href)};
    console.log('ready');
    for (let i = 0; ; i++) writeFileAtomically(${JSON.stringify(file)}, new Uint8Array(${size}).fill(i));`;
  const random = new Random(1);
  for (let kill = 0; kill < 6; kill++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await delay(20 + 60 * random.uniform());
    child.kill('SIGKILL');
    await once(child, 'exit');
    const bytes = readFileSync(file);
    expect(bytes.length).toBe(size);
    expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
  }
});

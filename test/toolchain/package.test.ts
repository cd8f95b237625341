import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the lock file', () => {
  test('names no download host, so it works behind any registry mirror', () => {
    const hosts = Object.entries<{ resolved?: string }>(lock.packages).filter(([, entry]) => entry.resolved);
    expect(hosts).toEqual([]);
  });

  test('pins every package by its hash', () => {
    const unpinned = Object.entries<{ integrity?: string; inBundle?: boolean }>(lock.packages)
      .filter(([path, entry]) => path !== '' && !entry.integrity && !entry.inBundle)
      .map(([path]) => path);
    expect(unpinned).toEqual([]);
  });

  test('installs on other platforms too: no optional binary is missing', () => {
    const missing: string[] = [];
    for (const [path, entry] of Object.entries<{ optionalDependencies?: object }>(lock.packages)) {
      for (const name of Object.keys(entry.optionalDependencies ?? {})) {
        const found = [`node_modules/${name}`, `${path}/node_modules/${name}`].some(
          (at) => lock.packages[at],
        );
        if (!found) missing.push(`${path} needs ${name}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test('leaves the compiled parts of gpu.js optional, so a machine without a compiler installs', () => {
    expect(lock.packages['node_modules/gl'].optional).toBe(true);
  });
});

describe('the published package', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'hopgrad-package-'));
  const app = join(temporary, 'app');
  const installed = join(app, 'node_modules', 'hopgrad');

  /** Runs Node in a folder where `hopgrad` is installed as a user has it: the packed files and nothing else. */
  const runNode = (...args: string[]): string => run(process.execPath, args, app);

  beforeAll(() => {
    const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', temporary], '.');
    run('tar', ['-xzf', JSON.parse(packed)[0].filename], temporary);
    mkdirSync(join(app, 'node_modules'), { recursive: true });
    renameSync(join(temporary, 'package'), installed);
    // Dependencies need no second install: Node finds this tree's one folder further up.
    symlinkSync(resolve('node_modules'), join(temporary, 'node_modules'));
  });

  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  test('holds what package.json points at, and nothing that is only for development', () => {
    const named = [
      manifest.main,
      manifest.types,
      ...Object.values(manifest.bin),
      ...Object.values<string | Record<string, string>>(manifest.exports).flatMap((target) =>
        typeof target === 'string' ? [target] : Object.values(target),
      ),
      ...manifest.sideEffects,
    ];
    expect(named.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
    expect(existsSync(join(installed, 'LICENSE'))).toBe(true);
    for (const left of [
      'test',
      'bench',
      'docs',
      'dist/test',
      'dist/bench',
      'dist/.tsbuildinfo',
      'tsconfig.json',
    ]) {
      expect(existsSync(join(installed, left)), left).toBe(false);
    }
  });

  test('is imported by its names', () => {
    const script = `
      const browserSafe = await import('hopgrad');
      const withNode = await import('hopgrad/node');
      console.log(Object.keys(browserSafe).length > 0 && Object.keys(withNode).length > 0);`;
    expect(runNode('--input-type=module', '-e', script).trim()).toBe('true');
  });

  test('keeps its whole self when a bundler drops what an application does not use', async () => {
    const main = join(app, 'main.js');
    // No name from index.js itself is used here: it must not be passed over, since it puts the ops on Tensor.
    writeFileSync(
      main,
      `import { tensor } from 'hopgrad';\nconsole.log(tensor([1, 2]).exp().log().sum().item());\n`,
    );
    await build({
      root: app,
      logLevel: 'error',
      build: {
        lib: { entry: main, formats: ['es'], fileName: () => 'main.mjs' },
        outDir: 'bundle',
        rolldownOptions: { external: ['gpu.js'] },
      },
    });
    expect(runNode('bundle/main.mjs').trim()).toBe('3');
  });

  test('gives out its corpus by name', () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { fileURLToPath } from 'node:url';
      console.log(readFileSync(fileURLToPath(import.meta.resolve('hopgrad/corpus/moby-dick.txt'))).length);`;
    expect(Number(runNode('--input-type=module', '-e', script))).toBe(
      readFileSync('src/data/corpus/moby-dick.txt').length,
    );
  });

  test('has a command that starts from any folder', () => {
    const command = join(installed, manifest.bin.hopgrad);
    expect(readFileSync(command, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node');
    expect(runNode(command, '--version').trim()).toBe(manifest.version);
    expect(runNode(command, '--help')).toContain('train');
  });
});

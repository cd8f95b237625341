import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { written } from '../../src/device/borrowed.ts';
import type { Device } from '../../src/device/device.ts';
import { reference } from '../../src/device/reference.ts';
import { addDevice } from '../../src/device/use-device.ts';
import { type KernelCheck, useDevice } from '../../src/index.ts';
import { gpuHere } from '../gpu-here.ts';
import { freshPath } from '../train/tiny.ts';
import { hopgrad, hopgradHere } from './run-cli.ts';

afterEach(async () => {
  await useDevice('cpu');
});

/** The reference with some of its kernels replaced. */
function deviceWith(kernels: Partial<Device['kernels']>): Device {
  return {
    ...reference,
    name: 'crooked',
    description: 'for a test',
    renderer: 'a pencil',
    limits: { 'pages of paper': 7 },
    kernels: { ...reference.kernels, ...kernels },
  };
}

const crooked = deviceWith({
  softmax: (x, _log, out) => reference.kernels.softmax(x, false, out),
  gather: () => {
    throw new Error(`there is nothing in ${homedir()}/secret`);
  },
});
addDevice('crooked', async () => crooked);
addDevice('absent', async () => {
  throw new Error('it was never built');
});

describe('devices', () => {
  test('says for each device asked what runs, what draws, and why', async () => {
    const { stdout } = hopgrad(['devices', '--json']);
    const all: { asked: string }[] = JSON.parse(stdout);
    expect(all.map(({ asked }) => asked)).toEqual(['cpu', 'reference', 'gpu']);
    expect(all[0]).toEqual({
      asked: 'cpu',
      running: 'cpu',
      renderer: null,
      reason: expect.stringMatching(/./),
    });
    expect(all[2]).toEqual(
      gpuHere.available
        ? { asked: 'gpu', running: 'gpu', renderer: expect.stringMatching(/./), reason: expect.any(String) }
        : { asked: 'gpu', running: 'cpu', renderer: null, reason: expect.stringMatching(/./) },
    );
  });

  test('prints a table', async () => {
    const { stdout } = await hopgradHere(['devices', 'crooked', 'absent', 'reference']);
    expect(stdout).toBe(
      [
        'asked      running    renderer  reason',
        'crooked    crooked    a pencil  for a test',
        'absent     cpu        –         it was never built',
        `reference  reference  –         ${reference.description}`,
        '',
      ].join('\n'),
    );
  });

  test('says why the cpu is slower than it could be', () => {
    const without = (name: string): string => {
      const preload = `data:text/javascript,globalThis.${name}=undefined`;
      const env = { NODE_OPTIONS: `--import=${preload}` };
      return JSON.parse(hopgrad(['devices', 'cpu', '--json'], { env }).stdout)[0].reason;
    };
    expect(without('SharedArrayBuffer')).toContain('on one thread (memory cannot be shared here');
    expect(without('WebAssembly')).toContain(
      'plain JavaScript loops on one thread: WebAssembly with SIMD is not',
    );
  });
});

describe('devices --selftest', { timeout: 120_000 }, () => {
  test('tries every kernel, takes times, and writes a report that names nobody', async () => {
    const file = freshPath();
    const { status, stdout, stderr } = await hopgradHere([
      ...['devices', '--selftest', 'cpu', 'absent', '--out', file, '--json'],
    ]);
    expect(status).toBe(1); // one that was asked for is absent
    expect(stderr).toContain('error: absent cannot run here (it was never built)\n');
    const { machine, devices } = JSON.parse(stdout);
    expect(machine.node).toBe(process.versions.node);
    const [cpu, absent] = devices;
    expect(absent).toMatchObject({
      asked: 'absent',
      running: 'cpu',
      reason: 'it was never built',
      test: null,
    });
    expect(cpu.test.passed).toBe(true);
    expect(cpu.test.kernels.map(({ kernel }: { kernel: string }) => kernel)).toEqual(Object.keys(written));
    for (const { calls, error, passed, problem } of cpu.test.kernels) {
      expect({ passed, problem }).toEqual({ passed: true, problem: null });
      expect(calls).toBeGreaterThan(0);
      expect(error).toBeLessThan(0.5); // of what is allowed
    }
    for (const { milliseconds, runs, problem } of cpu.test.timings) {
      expect(problem).toBeNull();
      expect(milliseconds).toBeGreaterThan(0);
      expect(runs).toBeGreaterThanOrEqual(3);
    }
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('## cpu computes what it should\n\nWebAssembly SIMD');
    expect(page).toContain('## absent cannot run here\n\nit was never built\n');
    expect(page).toMatch(/\| matmul 1024 × 1024 × 1024 \| [\d.]+ ms \| median of \d+ \|/);
    expect(page).toContain(`| node | ${process.versions.node} |`);
    expect(page).not.toContain(homedir());
    for (const name of Object.keys(written)) {
      expect(page).toMatch(
        new RegExp(`^\\| ${name} \\| ok \\| calls: \\d+ \\| error .* % of the bound \\|$`, 'm'),
      );
      expect(stderr).toMatch(new RegExp(`^ {2}${name} +ok `, 'm'));
    }
  });

  test('fails where a kernel does, after all the others and with its report', async () => {
    const file = freshPath();
    const { status, stdout, stderr } = await hopgradHere(['devices', '--selftest', 'crooked', '--out', file]);
    expect(status).toBe(1);
    expect(stderr).toBe(`error: crooked is wrong in softmax, gather (please report it, with ${file})\n`);
    expect(stdout).toMatch(/^ {2}softmax +WRONG +calls: 6 +error .* % of the bound$/m);
    expect(stdout).toMatch(/^ {2}softmaxBackward +ok /m);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain(
      '## crooked is wrong in softmax, gather\n\nfor a test\n\nRenderer: a pencil\n\nLimit: pages of paper 7\n',
    );
    expect(page).toContain('| gather | WRONG | calls: 1 | there is nothing in ~/secret |');
  });

  test.skipIf(!gpuHere.available)('computes on the GPU what it should', () => {
    const { status, stdout } = hopgrad(['devices', '--selftest', 'gpu', '--out', freshPath(), '--json']);
    const [{ running, test }] = JSON.parse(stdout).devices;
    expect(running).toBe('gpu');
    const amiss = ({ kernel, passed, calls, onDevice }: KernelCheck): boolean =>
      !passed || onDevice !== (kernel === 'gumbel' ? 0 : calls); // random bits are made on the host
    expect(test.kernels.filter(amiss)).toEqual([]);
    expect(status).toBe(0);
  });

  test('--out alone does nothing, and is refused', async () => {
    const { status, stderr } = await hopgradHere(['devices', '--out', 'x.md']);
    expect([status, stderr]).toEqual([1, 'error: --out does nothing without --selftest\n']);
  });
});

/** Runs in Node before its tests: finds them a display, for headless-gl draws into one even where nobody looks. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { TestProject } from 'vitest/node';
import type {} from './gpu-here.ts';

/** How long a display may take to start, and a GPU to compute, in milliseconds. */
const [DISPLAY_PATIENCE, GPU_PATIENCE] = [10_000, 30_000];

export default async function setup(project: TestProject): Promise<() => void> {
  let reason = await whyNoGpu(project.config.root);
  let stopDisplay = (): void => {};
  // Also where DISPLAY names one: nothing may be listening there any more.
  if (reason !== null && process.platform === 'linux') {
    const { number, stop } = await startDisplay();
    stopDisplay = stop;
    if (number === null) {
      reason += '; Xvfb, which would be a display for the tests, is not installed or does not start';
    } else {
      process.env.DISPLAY = `:${number}`;
      reason = await whyNoGpu(project.config.root);
    }
  }
  project.provide('gpu', { available: reason === null, mode: 'headlessgl' });
  if (reason !== null && process.env.HOPGRAD_REQUIRE_GPU === '1') {
    stopDisplay();
    throw new Error(`HOPGRAD_REQUIRE_GPU=1, and there is no GPU: ${reason}`);
  }
  return () => {
    stopDisplay();
    if (reason !== null) process.stdout.write(`left out: the gpu device (${reason})\n`);
  };
}

/**
 * A display of our own, its number null where Xvfb does not start. A shell beside it waits for the end of its input, which
 * comes however this process ends, and takes the display down; a session of its own keeps Ctrl-C away from both.
 */
function startDisplay(): Promise<{ number: string | null; stop: () => void }> {
  const script = 'Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp & exec 3>&-; read -r _; kill $!; wait';
  const shell = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore', 'pipe'] });
  const [input, , , output] = shell.stdio as unknown as Socket[];
  return new Promise((resolve) => {
    const found = (number: string | null): void => {
      for (const handle of [shell, input, output]) handle.unref(); // nothing waits for the display to end
      resolve({ number, stop: () => input.destroy() });
    };
    output.once('data', (number: Buffer) => found(String(number).trim()));
    output.once('end', () => found(null)); // Xvfb has ended, or was not there
    shell.once('error', () => found(null));
    setTimeout(() => found(null), DISPLAY_PATIENCE).unref();
  });
}

/** Asked in a process of its own: a driver that is not there may take the process with it, or never answer. */
function whyNoGpu(root: string): Promise<string | null> {
  const script = `
    const tell = (reason) => process.send(reason, () => process.exit());
    try {
      const { GlContext, loadGpuJs } = await import('./dist/src/device/gpujs.js');
      GlContext.open(await loadGpuJs(), 'headlessgl');
      tell(null);
    } catch (error) {
      tell(error.message);
    }`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      timeout: GPU_PATIENCE,
      killSignal: 'SIGKILL',
    });
    child.on('message', (reason) => resolve(reason === null ? null : String(reason)));
    child.on('exit', (code, signal) =>
      resolve(`headless-gl ended its process, or did not answer (${code ?? signal})`),
    );
  });
}

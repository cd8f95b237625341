/** The training step of yardstick.ts in a worker of a page: browser.mjs opens the page, asks, and prints the answer. */
import { useDevice } from '../src/index.ts';
import { makeYardstick } from './yardstick.ts';

interface Ask {
  size: string;
  threads: number;
  /** Timed steps, after `warmup` milliseconds. */
  steps: number;
  warmup: number;
}

const worker = globalThis as unknown as {
  onmessage: ((event: { data: Ask }) => void) | null;
  postMessage(message: unknown): void;
};

const { port1, port2 } = new MessageChannel() as unknown as {
  port1: { onmessage: (() => void) | null };
  port2: { postMessage(message: null): void };
};

/** Lets the event loop turn, as it does between training steps: threads start, and compiled code is taken over. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
}

async function measure({ size, threads, steps, warmup }: Ask): Promise<object> {
  const { reason } = await useDevice('cpu', { threads, fallback: 'error' });
  const { step, tokens, parameters } = makeYardstick(size);
  for (const began = performance.now(); performance.now() - began < warmup; await turn()) step();
  const times: number[] = [];
  for (let i = 0; i < steps; i++, await turn()) {
    const began = performance.now();
    step();
    times.push(performance.now() - began);
  }
  const stepMs = times.sort((a, b) => a - b)[Math.floor(steps / 2)];
  return { stepMs, tokensPerSecond: Math.round((1000 * tokens) / stepMs), device: reason, size, parameters };
}

worker.onmessage = ({ data }) => {
  measure(data).then(
    (figures) => worker.postMessage({ figures }),
    (error) => worker.postMessage({ error: String(error) }),
  );
};

// The training step of yardstick.ts in Chromium, from the TypeScript sources, in a worker of a cross-origin isolated page:
//   node bench/browser.mjs --threads 2
// Prints one line: { stepMs, tokensPerSecond, browser, … }. Options: --size batch,sequence,dim,heads,layers  --steps 40
// The same in Node: npm run -s bench:step -- --threads 2 --json
import { parseArgs } from 'node:util';
import { openPage } from './chromium-page.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '8,128,128,4,4' },
    threads: { type: 'string', default: '2' },
    steps: { type: 'string', default: '40' },
  },
});
const ask = { ...values, threads: Number(values.threads), steps: Number(values.steps), warmup: 3000 };

const { page, version, close } = await openPage({ include: ['@huggingface/tokenizers', 'gpu.js'] });
try {
  const { figures, error } = await page.evaluate(
    (ask) =>
      new Promise((resolve) => {
        const worker = new Worker('/bench/browser-worker.ts', { type: 'module' });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve({ error: message ?? 'the worker could not start' });
        worker.postMessage(ask);
      }),
    ask,
  );
  if (error) throw new Error(error);
  const { stepMs, tokensPerSecond, ...rest } = figures;
  const name = `Chromium ${version}`;
  console.log(
    JSON.stringify({ stepMs: Number(stepMs.toPrecision(5)), tokensPerSecond, browser: name, ...rest }),
  );
} finally {
  await close();
}

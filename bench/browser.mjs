// The training step of yardstick.ts in Chromium, from the TypeScript sources, in a worker of a cross-origin isolated page:
//   node bench/browser.mjs --threads 2
// Prints one line: { stepMs, tokensPerSecond, browser, … }. Options: --size batch,sequence,dim,heads,layers  --steps 40
// The same in Node: npm run -s bench:step -- --threads 2 --json
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createViteServer } from 'vitest/node';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '8,128,128,4,4' },
    threads: { type: 'string', default: '2' },
    steps: { type: 'string', default: '40' },
  },
});
const ask = { ...values, threads: Number(values.threads), steps: Number(values.steps), warmup: 3000 };

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const server = await createViteServer({
  configFile: false,
  root: fileURLToPath(new URL('..', import.meta.url)),
  cacheDir: 'node_modules/.vite/bench',
  logLevel: 'error',
  server: { headers, host: '127.0.0.1', hmr: false, watch: null },
  optimizeDeps: { include: ['@huggingface/tokenizers'], noDiscovery: true },
  plugins: [
    { name: 'an-empty-page', configureServer: ({ middlewares }) => void middlewares.use('/page', emptyPage) },
  ],
});

function emptyPage(_, response) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>bench</title>');
}

let browser;
try {
  await server.listen();
  const { findChromium, launchArguments } = await server.ssrLoadModule('/test/browser/chromium.ts');
  browser = await chromium.launch({ executablePath: findChromium(), args: launchArguments() });
  const page = await browser.newPage();
  await page.goto(new URL('page', server.resolvedUrls.local[0]).href);
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
  const name = `Chromium ${browser.version()}`;
  console.log(
    JSON.stringify({ stepMs: Number(stepMs.toPrecision(5)), tokensPerSecond, browser: name, ...rest }),
  );
} finally {
  await browser?.close();
  await server.close();
}

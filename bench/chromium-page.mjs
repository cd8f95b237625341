// A page of Chromium that is served the TypeScript sources.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { createViteServer } from 'vitest/node';

/** A page with these two headers is cross-origin isolated: memory can be shared between its threads. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** @param include packages that are bundled before the page opens */
export async function openPage({ include }) {
  const server = await createViteServer({
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    cacheDir: 'node_modules/.vite/bench',
    logLevel: 'error',
    server: { headers, host: '127.0.0.1', hmr: false, watch: null },
    optimizeDeps: { include, noDiscovery: true },
    plugins: [
      {
        name: 'an-empty-page',
        configureServer: ({ middlewares }) => void middlewares.use('/page', emptyPage),
      },
    ],
  });
  let browser;
  const close = async () => {
    await browser?.close();
    await server.close();
  };
  try {
    await server.listen();
    const { findChromium, launchArguments } = await server.ssrLoadModule('/test/browser/chromium.ts');
    browser = await chromium.launch({ executablePath: findChromium(), args: launchArguments() });
    const page = await browser.newPage();
    await page.goto(new URL('page', server.resolvedUrls.local[0]).href);
    return { page, version: browser.version(), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function emptyPage(_, response) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>bench</title>');
}

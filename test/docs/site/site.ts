/** The built book, dist/site, served as any static host would, and pages of it opened in Chromium. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { findChromium, launchArguments } from '../../browser/chromium.ts';

const folder = fileURLToPath(new URL('../../../dist/site', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** With these two headers a page is cross-origin isolated: its threads can share memory. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface OpenOptions {
  /** Default 1000 × 900. A phone is 390 wide. */
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
}

export interface OpenedPage {
  page: Page;
  /** What went wrong so far, a line each: errors and warnings on the console, exceptions, files that were not there. */
  problems: string[];
}

export interface Site {
  /** Where it is, without a slash at its end. */
  origin: string;
  /** Opens a page by its address on the site: `/live/graph.html?e=a`. */
  open(path: string, options?: OpenOptions): Promise<OpenedPage>;
  close(): Promise<void>;
}

/**
 * @param isolated whether the pages may share memory between threads, as a host with the two headers has it
 * @throws Error where nothing was built
 */
export async function openSite({ isolated = false } = {}): Promise<Site> {
  if (!existsSync(join(folder, 'index.html')))
    throw new Error('there is no dist/site: npm run docs:build first');
  const server = await serve(isolated ? ISOLATION : {});
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  let browser: Browser;
  try {
    browser = await chromium.launch({ executablePath: findChromium(), args: launchArguments() });
  } catch (error) {
    server.close();
    throw error;
  }
  return {
    origin,
    async open(path, { width = 1000, height = 900, colorScheme = 'light' } = {}) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(`${error}`));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(message.text());
      });
      page.on('response', (response) => {
        if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
      });
      await page.goto(origin + path);
      return { page, problems };
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(headers: Record<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/favicon.ico') {
      response.writeHead(204, headers).end(); // browsers ask for it of their own accord
      return;
    }
    const file = join(
      folder,
      normalize(decodeURIComponent(pathname)),
      pathname.endsWith('/') ? 'index.html' : '',
    );
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404, headers).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, ...headers });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, () => resolve(server));
  });
}

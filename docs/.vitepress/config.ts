import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { includeCode, sourceLinks, withCode } from '../site/pages-plugin.mjs';
import { sidebar } from './sidebar.ts';

/** What pages need to share memory between threads: the library then trains on all cores. Without it, on one. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Any static host, any folder: HOPGRAD_BASE=/hopgrad/ where the site is not at the top. */
const base = process.env.HOPGRAD_BASE ?? '/';

export default defineConfig({
  title: 'hopgrad',
  description:
    'Learning to skip, from the ground up: from a scalar to a transformer that chooses how deep each token goes.',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}favicon.svg` }]],
  base: base as '/',
  outDir: '../dist/site',
  cacheDir: '../dist/site-cache',
  srcExclude: ['node_modules/**', 'exercises/**', 'experiments/**', 'results/**'],
  lastUpdated: false,
  cleanUrls: false,
  markdown: { math: true, config: (md) => md.use(sourceLinks) },
  vite: {
    resolve: {
      alias: {
        'hopgrad/node': fileURLToPath(new URL('../../src/node.ts', import.meta.url)),
        hopgrad: fileURLToPath(new URL('../../src/index.ts', import.meta.url)),
      },
    },
    plugins: [
      includeCode(),
      {
        name: 'hopgrad-isolation',
        configureServer(server) {
          server.middlewares.use((_request, response, next) => {
            for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
            next();
          });
        },
      },
    ],
    build: { chunkSizeWarningLimit: 3000, target: 'es2022' },
    worker: { format: 'es' },
    server: { fs: { allow: ['..'] } },
  },
  themeConfig: {
    nav: [
      { text: 'Book', link: '/book/01-tensors' },
      { text: 'Live', link: '/live/' },
      { text: 'Exercises', link: '/exercises' },
      { text: 'Reference', link: '/reference/ops' },
    ],
    sidebar,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        // A source file is found by its name on the pages that speak of it.
        _render: (text, env, md) =>
          env.relativePath.startsWith('source/') ? '' : md.render(withCode(text), env),
      },
    },
    docFooter: { prev: 'before', next: 'next' },
  },
});

// Writes the pages that follow from the code and from measured results.
//   node docs/pages.mjs           writes them
//   node docs/pages.mjs --check   fails if one is out of date
import { readFileSync, writeFileSync } from 'node:fs';
import { readComparison, resultsPage } from './pages/comparison.mjs';
import { gpuPage } from './pages/gpu.mjs';
import { kernelPage } from './pages/kernel.mjs';
import { opsPage } from './pages/ops.mjs';
import { performancePage } from './pages/performance.mjs';
import { readmePage } from './pages/readme.mjs';
import { trustPage } from './pages/trust.mjs';

const comparison = readComparison();
const pages = {
  '../README.md': readmePage(comparison),
  'reference/ops.md': opsPage(),
  'results.md': resultsPage(comparison),
  'inside/why-trust-it.md': trustPage(),
  'inside/how-fast-it-is.md': performancePage(),
  'inside/a-kernel-grows.md': kernelPage(),
  'inside/on-the-gpu.md': gpuPage(),
};
for (const [name, text] of Object.entries(pages)) {
  const file = new URL(name, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`docs/${name} is out of date: run npm run docs:pages`);
    process.exitCode = 1;
  }
}

// Writes the pages that follow from the code and from measured results.
//   node docs/build.mjs           writes them
//   node docs/build.mjs --check   fails if one is out of date
import { readFileSync, writeFileSync } from 'node:fs';
import { gpuPage } from './pages/gpu.mjs';
import { kernelPage } from './pages/kernel.mjs';
import { opsPage } from './pages/ops.mjs';
import { performancePage } from './pages/performance.mjs';
import { resultsPage } from './pages/results.mjs';
import { trustPage } from './pages/trust.mjs';

const pages = {
  'ops.md': opsPage(),
  '03-results.md': resultsPage(),
  '04-why-trust-it.md': trustPage(),
  '05-how-fast-it-is.md': performancePage(),
  '06-a-kernel-grows.md': kernelPage(),
  '07-on-the-gpu.md': gpuPage(),
};
for (const [name, text] of Object.entries(pages)) {
  const file = new URL(name, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`docs/${name} is out of date: run npm run docs`);
    process.exitCode = 1;
  }
}

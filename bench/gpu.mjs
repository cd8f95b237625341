// Kernels and the training step of yardstick.ts on the GPU, in one page of Chromium, beside TensorFlow.js on WebGL:
//   node bench/gpu.mjs                (first: npm ci --prefix bench/peers)
// Options: --size batch,sequence,dim,heads,layers (more than one, with spaces)  --rounds 7  --json
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openPage } from './chromium-page.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '8,64,64,4,2 8,128,128,4,4' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});

const tfjs = fileURLToPath(new URL('peers/node_modules/@tensorflow/tfjs/dist/tf.min.js', import.meta.url));
const { page, version, close } = await openPage({ include: ['@huggingface/tokenizers', 'gpu.js'] });
try {
  await page.addScriptTag({ path: tfjs });
  const { device, rows } = await page.evaluate(
    async ([sizes, rounds]) => {
      const { measure } = await import('/bench/gpu-page.ts');
      return measure(globalThis.tf, sizes, rounds);
    },
    [values.size.split(' '), Number(values.rounds)],
  );
  const result = { browser: `Chromium ${version}`, device, rows };
  if (values.json) console.log(JSON.stringify(result));
  else {
    console.log(`${result.browser}: ${device}`);
    console.table(
      rows.map(({ hopgradMs, tfjsMs, ...rest }) => ({
        ...rest,
        hopgradMs: Number(hopgradMs.toPrecision(4)),
        tfjsMs: Number(tfjsMs.toPrecision(4)),
        'tfjs : hopgrad': Number((tfjsMs / hopgradMs).toPrecision(3)),
      })),
    );
  }
} finally {
  await close();
}

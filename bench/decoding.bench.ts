// Inference from a cache, one text: writing it token by token, always the likeliest, and reading a whole prompt at once.
// Dense models beside routed ones of the same size, with the floating-point operations that they ran; of the share of
// operations saved, how much became time saved.
//   npm run bench -- decoding
//   npm run bench -- decoding --size 1,96,64,4,12
import { inScope } from '../src/device/scope.ts';
import { fromTypedArray, generate, noGrad, type SkipTransformer } from '../src/index.ts';
import { leanRouters } from './lean-routers.ts';
import { medians } from './medians.ts';
import { type Row, startSession } from './session.ts';
import { makeYardstick } from './yardstick.ts';

const session = await startSession('decoding');
const sizes = session.size
  ? [session.size]
  : ['1,96,64,4,6', '1,96,64,4,12', '1,96,128,4,12', '1,96,256,8,6'];
const routers = [
  ['none', 1],
  ['random', 0.5],
  ['random', 0.25],
  ['learned', 0.5],
  ['learned', 0.25],
] as const;

/** Floating-point operations and the share of layers that ran, of a context full of tokens. */
interface Cost {
  flops: number;
  active: number;
}

/** Writes until the context is full. */
function write(model: SkipTransformer): Cost {
  let flops = 0;
  let active = 0;
  for (const token of generate(model, [0], { tokens: model.config.context - 1, temperature: 0 })) {
    flops += token.flops.executed;
    active += share(token.active);
  }
  return { flops, active: active / model.config.context };
}

function share(active: readonly boolean[]): number {
  return active.length === 0 ? 1 : active.filter(Boolean).length / active.length;
}

/** Reads a context full of tokens at once, as a prompt is read. */
function read(model: SkipTransformer): number {
  const { context, vocabularySize } = model.config;
  const text = Int32Array.from({ length: context }, (_, t) => (t * 7919) % vocabularySize);
  return inScope(() =>
    noGrad(() => {
      const { logits, flops } = model.forward(fromTypedArray(text, [1, context]), {
        caches: model.makeCaches(1),
      });
      logits.storage.settle();
      return flops.executed;
    }),
  );
}

async function rowsOf(size: string): Promise<Row[]> {
  const [, context, dim, , layers] = size.split(',').map(Number);
  const models = routers.map(([router, density]) => {
    const { model } = makeYardstick(size, { router, density });
    if (router === 'learned') leanRouters(model, density);
    return { name: `${router} ${density}`, router, density, model: model.eval() };
  });
  const costs = models.map(({ model }) => ({ writing: write(model), reading: read(model) }));
  const timed = { iterations: session.steps ?? 15, warmup: 600 };
  const writing = await medians(
    Object.fromEntries(models.map(({ name, model }) => [name, () => write(model)])),
    timed,
  );
  const reading = await medians(
    Object.fromEntries(models.map(({ name, model }) => [name, () => read(model)])),
    timed,
  );
  const [dense] = models;
  return models.map(({ name, router, density }, i) => {
    const { writing: wrote, reading: readFlops } = costs[i];
    const timeOfDense = writing[name] / writing[dense.name];
    const flopsOfDense = wrote.flops / costs[0].writing.flops;
    const promptTimeOfDense = reading[name] / reading[dense.name];
    const promptFlopsOfDense = readFlops / costs[0].reading;
    const realised = (time: number, flops: number): number => (100 * (1 - time)) / (1 - flops);
    const row = {
      ...{ model: `${layers} x ${dim}`, router, density, active: wrote.active },
      tokensPerSecond: Math.round((1000 * context) / writing[name]),
      msPerToken: writing[name] / context,
      ...{ timeOfDense, flopsOfDense, promptMs: reading[name], promptTimeOfDense, promptFlopsOfDense },
    };
    if (density === 1) return row;
    return {
      ...row,
      percentRealised: realised(timeOfDense, flopsOfDense),
      promptPercentRealised: realised(promptTimeOfDense, promptFlopsOfDense),
    };
  });
}

const rows: Row[] = [];
for (const size of sizes) rows.push(...(await rowsOf(size)));
session.report(rows);

// What skipping buys: a training step of the default model, dense and routed, beside the FLOPs that each ran.
//   npm run bench -- skipping
import { Bench } from 'tinybench';
import { inScope } from '../src/device/scope.ts';
import {
  defaultModel,
  fromTypedArray,
  nextTokenLoss,
  Random,
  SkipTransformer,
  useDevice,
} from '../src/index.ts';

await useDevice('wasm');
const [batch, vocabularySize] = [8, 84];
const { context } = defaultModel;
const random = new Random(0);
const ids = fromTypedArray(
  Int32Array.from({ length: batch * context }, () => random.int(vocabularySize)),
  [batch, context],
);
const targets = ids.reshape([batch * context]);

const bench = new Bench({ time: 2000, warmupTime: 500 });
const flops: Record<string, number> = {};
for (const density of [1, 0.5, 0.25]) {
  // A random gate has exactly the density that is asked of it; density 1 is the dense model.
  const model = new SkipTransformer({
    ...defaultModel,
    vocabularySize,
    router: density === 1 ? 'none' : 'random',
    density,
  });
  const name = `density ${density}`;
  bench.add(name, () =>
    inScope(() => {
      const { logits, flops: ran } = model.forward(ids, { random });
      flops[name] = ran.executed;
      nextTokenLoss(logits, targets).backward();
      for (const parameter of model.parameters()) parameter.grad = null;
    }),
  );
}
await bench.run();

const times = bench.tasks.map(({ name, result }) => {
  if (!result || !('latency' in result))
    throw new Error(`the benchmark did not run: ${result && 'error' in result ? result.error : 'no result'}`);
  return { name, step: result.latency.p50 };
});
console.table(
  times.map(({ name, step }) => ({
    model: name,
    'step, ms': step.toFixed(1),
    'time, of dense': (step / times[0].step).toFixed(2),
    'FLOPs, of dense': (flops[name] / flops[times[0].name]).toFixed(2),
  })),
);

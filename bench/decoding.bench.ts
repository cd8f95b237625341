// Writing text token by token from a cache, for one text: a context full of tokens, dense and routed.
//   npm run bench -- decoding
import { generate } from '../src/index.ts';
import { medians } from './medians.ts';
import { startSession } from './session.ts';
import { makeYardstick, sizes } from './yardstick.ts';

const session = await startSession('decoding');
const size = session.size ?? sizes.d128;

const writers = [1, 0.5, 0.25].map((density) => {
  const { model } = makeYardstick(size, { router: density === 1 ? 'none' : 'random', density });
  const write = (): number => {
    let executed = 0;
    for (const { flops } of generate(model, [0], { tokens: model.config.context - 1 }))
      executed += flops.executed;
    return executed;
  };
  return { density, tokens: model.config.context, write, flops: write() };
});
const times = await medians(Object.fromEntries(writers.map(({ density, write }) => [density, write])), {
  iterations: session.steps ?? 15,
});

const dense = writers[0];
session.report(
  writers.map(({ density, tokens, flops }) => {
    const timeOfDense = times[density] / times[dense.density];
    const flopsOfDense = flops / dense.flops;
    const tokensPerSecond = Math.round((1000 * tokens) / times[density]);
    const row = { density, tokensPerSecond, msPerToken: times[density] / tokens, timeOfDense, flopsOfDense };
    if (density === 1) return row;
    return { ...row, percentRealised: (100 * (1 - timeOfDense)) / (1 - flopsOfDense) };
  }),
);

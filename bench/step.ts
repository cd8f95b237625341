// The training step of yardstick.ts, one line:
//   npm run -s bench:step -- --threads 2 --json
// Options: --size batch,sequence,dim,heads,layers  --steps 40  --threads 2  --wide  --fast  --device cpu
import { medians } from './medians.ts';
import { startSession } from './session.ts';
import { makeYardstick, sizes } from './yardstick.ts';

const session = await startSession('step');
const size = session.size ?? sizes.d128;
const { step, tokens, parameters } = makeYardstick(size);
const { stepMs } = await medians(
  { stepMs: step },
  { iterations: session.steps ?? 40, time: 2000, warmup: 700 },
);
const tokensPerSecond = Math.round((1000 * tokens) / stepMs);
const { mode, threads, device } = session;
const figures = { stepMs: Number(stepMs.toPrecision(5)), tokensPerSecond, mode, node: process.version };
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ ...figures, threads, device, size, parameters }));
else session.report([{ size, parameters, ...figures }]);

// The training step of yardstick.ts from small to large.
//   npm run bench -- step
import { medians } from './medians.ts';
import { type Row, startSession } from './session.ts';
import { makeYardstick, sizes } from './yardstick.ts';

const session = await startSession('step');
const rows: Row[] = [];
for (const size of session.size ? [session.size] : Object.values(sizes)) {
  const { step, tokens, parameters } = makeYardstick(size);
  const { stepMs } = await medians(
    { stepMs: step },
    { iterations: session.steps ?? 30, time: 1500, warmup: 700 },
  );
  rows.push({ size, parameters, stepMs, tokensPerSecond: Math.round((1000 * tokens) / stepMs) });
}
session.report(rows);

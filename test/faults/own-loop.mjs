// A training loop as a user writes one: no scope, nothing released, no turn of the event loop. Prints JSON: the most that
// was held in the second fifth and in the last one, how much was made in all, and whether what was kept has changed.
//   node --no-warnings own-loop.mjs STEPS
import { plainMode, simdDevice } from '../../dist/src/device/cpu.js';
import { CpuMachine } from '../../dist/src/device/cpu-machine.js';
import { addDevice } from '../../dist/src/device/use-device.js';
import { AdamW, fromTypedArray, LayerNorm, Linear, Random, randn, useDevice } from '../../dist/src/index.js';

const steps = Number(process.argv[2]);
const machine = new CpuMachine({ ...plainMode, shared: true, threads: 2 });
const { memory } = machine;
addDevice('measured cpu', async () => simdDevice(machine));
await useDevice('measured cpu');

let made = 0;
const { allocate } = memory;
memory.allocate = (dtype, length) => {
  made += 4 * length;
  return allocate.call(memory, dtype, length);
};

const [batch, width, classes] = [128, 64, 10];
const random = new Random(1);
const [up, norm, down] = [
  new Linear(width, 4 * width, random),
  new LayerNorm(4 * width),
  new Linear(4 * width, classes, random),
];
const layers = { up, norm, down };
const parameters = Object.entries(layers).flatMap(([name, layer]) =>
  layer.namedParameters().map(([own, parameter]) => [`${name}.${own}`, parameter]),
);
const optimizer = new AdamW(parameters);
const x = randn([batch, width], random);
const targets = fromTypedArray(
  Int32Array.from({ length: batch }, () => random.int(classes)),
  [batch],
);

const kept = [];
const losses = [];
const held = {
  early: { rss: 0, liveBytes: 0, memoryBytes: 0 },
  late: { rss: 0, liveBytes: 0, memoryBytes: 0 },
};
for (let step = 0; step < steps; step++) {
  const hidden = up.forward(x).gelu();
  const loss = down.forward(norm.forward(hidden)).crossEntropy(targets);
  loss.backward();
  optimizer.step(1e-3);
  optimizer.zeroGrad();
  losses.push(loss.item());
  if (step % Math.floor(steps / 20) === 0) {
    // A view of a result, one of a weight's copy, and one that nobody has computed yet.
    const views = [hidden.slice(0, 1, 3).transpose(), up.weight.add(0).select(0, 2), hidden.detach().mul(2)];
    kept.push({ views, numbers: views.slice(0, 2).map((view) => view.toArray()), loss, value: losses[step] });
  }
  const fifth = Math.floor((5 * step) / steps);
  const most = fifth === 1 ? held.early : fifth === 4 ? held.late : null;
  if (most === null || step % 10 !== 0) continue;
  most.rss = Math.max(most.rss, process.memoryUsage.rss());
  most.liveBytes = Math.max(most.liveBytes, memory.liveBytes);
  most.memoryBytes = Math.max(most.memoryBytes, memory.memory.buffer.byteLength);
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const unchanged = kept.every(
  ({ views: [result, weight, pending], numbers, loss, value }) =>
    same(result.toArray(), numbers[0]) &&
    same(weight.toArray(), numbers[1]) &&
    same(pending.slice(0, 1, 3).transpose().toArray(), result.mul(2).toArray()) &&
    loss.item() === value,
);
console.log(
  JSON.stringify({
    ...held,
    made,
    loss: { early: losses[0], late: losses[steps - 1] },
    kept: unchanged ? 'as they were' : 'changed',
  }),
);

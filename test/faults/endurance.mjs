// A long training in a process of its own: how much memory and time its steps take, early and late. Prints JSON.
//   node --expose-gc --no-warnings endurance.mjs DEVICE STEPS FOLDER
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import v8 from 'node:v8';
import { plainMode, simdDevice } from '../../dist/src/device/cpu.js';
import { CpuMachine } from '../../dist/src/device/cpu-machine.js';
import { Storage } from '../../dist/src/device/storage.js';
import { addDevice } from '../../dist/src/device/use-device.js';
import {
  CharacterTokenizer,
  defaultModel,
  defaultTraining,
  TextDataset,
  Trainer,
  useDevice,
} from '../../dist/src/index.js';
import { loadText, readCheckpoint, writeCheckpoint } from '../../dist/src/node.js';

const [, , device, count, folder] = process.argv;
const steps = Number(count);
const machine = new CpuMachine({ ...plainMode, shared: true, threads: 2 });
const { memory } = machine;
addDevice('measured cpu', async () => simdDevice(machine));
await useDevice(device === 'cpu' ? 'measured cpu' : device);

const text = loadText().slice(0, 20_000);
const tokenizer = CharacterTokenizer.fromText(text);
const { vocabularySize } = tokenizer;
const model = { ...defaultModel, vocabularySize, layers: 2, dim: 16, heads: 2, context: 16 };
// Checkpoints and measurements come along, as in any training.
const training = {
  ...defaultTraining,
  steps,
  batchSize: 2,
  noiseStart: 1,
  evaluateEvery: 50,
  evaluateBatches: 1,
};
const trainer = new Trainer({ model, training }, new TextDataset(tokenizer.encode(text)));
const file = join(folder, 'checkpoint.safetensors');

async function held() {
  // Finalizers run between turns.
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await nextTurn();
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return {
    step: trainer.step,
    heap: heapUsed,
    arrayBuffers,
    rss,
    // Counts what can still be reached, wherever the engine holds it.
    storages: v8.queryObjects?.(Storage, { format: 'count' }) ?? null,
    ...(device === 'cpu'
      ? { liveBytes: memory.liveBytes, memoryBytes: memory.memory.buffer.byteLength }
      : {}),
  };
}

const times = new Float64Array(steps);
const start = Math.min(500, steps / 2);
let first;
while (!trainer.done) {
  const began = performance.now();
  trainer.trainStep();
  times[trainer.step - 1] = performance.now() - began;
  if (trainer.step % 50 === 0) {
    await writeCheckpoint(file, { step: trainer.step, seconds: 0, identity: '', state: trainer.state() });
    if (trainer.step % 500 === 0) readCheckpoint(file, '');
  }
  if (trainer.step === start) first = await held();
  await nextTurn();
}
const median = (values) => values.toSorted()[values.length >> 1];
const stepMs = { early: median(times.slice(start, 2 * start)), late: median(times.slice(-start)) };
console.log(JSON.stringify({ steps, start: first, end: await held(), stepMs }));

// What a training step takes of memory: the most that is in use at any moment of it and what is left between steps, in
// the memory of the `cpu` device; how long that memory has become; and the process as a whole (after all rows above).
//   npm run bench -- memory
import { plainMode, simdDevice } from '../src/device/cpu.ts';
import { CpuMachine } from '../src/device/cpu-machine.ts';
import { addDevice } from '../src/device/use-device.ts';
import { useDevice } from '../src/index.ts';
import { type Row, startSession } from './session.ts';
import { makeYardstick, sizes } from './yardstick.ts';

const session = await startSession('memory');
const megabytes = (bytes: number): number => bytes / 2 ** 20;
const rows: Row[] = [];
for (const size of session.size ? [session.size] : Object.values(sizes)) {
  // A machine of its own, whose memory can be looked into.
  const { threads, wide, fast } = session;
  const { memory, ...machine } = watched({ ...plainMode, shared: threads > 1, wide, madd: fast, threads });
  addDevice(size, async () => machine.device);
  await useDevice(size);
  const { step, parameters } = makeYardstick(size);
  for (let i = 0; i < (session.steps ?? 10); i++) {
    step();
    await new Promise((resolve) => setImmediate(resolve));
  }
  rows.push({
    size,
    parametersMB: megabytes(4 * parameters),
    peakMB: megabytes(machine.peak()),
    betweenStepsMB: megabytes(memory.liveBytes),
    memoryMB: megabytes(memory.memory.buffer.byteLength),
    processMB: megabytes(process.memoryUsage.rss()),
  });
}
session.report(rows);

/** A machine that notes how much of its memory was in use at most. */
function watched(mode: ConstructorParameters<typeof CpuMachine>[0]) {
  const machine = new CpuMachine(mode);
  const { memory } = machine;
  const allocate = memory.allocate.bind(memory);
  let peak = 0;
  memory.allocate = (dtype, length) => {
    const block = allocate(dtype, length);
    peak = Math.max(peak, memory.liveBytes);
    return block;
  };
  return { memory, device: simdDevice(machine), peak: () => peak };
}

/** Counts who runs the parts of kernels. */
import { Threads } from '../../src/device/threads.ts';

export interface Parts {
  /** Run by the thread that launched them. */
  own: number;
  /** Run by the threads beside it. */
  others: number;
}

/** Counts from now on, all machines of this page or worker together. */
export function countParts(): Parts {
  const parts: Parts = { own: 0, others: 0 };
  const { run } = Threads.prototype;
  Threads.prototype.run = function (module, entry, count) {
    let own = 0;
    const kernels = module.kernels.map((kernel) => (block: number, part: number) => {
      own++;
      kernel(block, part);
    });
    run.call(this, { ...module, kernels }, entry, count);
    parts.own += own;
    parts.others += count - own;
  };
  return parts;
}

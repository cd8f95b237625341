import { arch, availableParallelism, cpus, platform } from 'node:os';
import { packageVersion } from '../train/run-folder.ts';
import type { Origin } from './types.ts';

/** This hopgrad, this Node, this machine, now. */
export function originHere(): Origin {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return {
    hopgrad: packageVersion,
    node: process.version,
    machine: `${availableParallelism()} cores, ${processor}, ${platform()} ${arch()}`,
    date: new Date().toISOString(),
  };
}

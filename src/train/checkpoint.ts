/** Checkpoints: a training state as one safetensors file, written so that a crash leaves the old one or the new. */
import { existsSync, readFileSync } from 'node:fs';
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from '../data/safetensors.ts';
import type { DType } from '../device/device.ts';
import { type ModelConfig, matrixSize } from '../model/config.ts';
import { fromTypedArray } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { writeFileAtomically } from './write-file.ts';

const FORMAT = 'hopgrad-checkpoint';
const VERSION = '1';

const storedTypes: Record<DType, SafetensorsTensor['dtype']> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  bool: 'U8',
};

export interface Checkpoint {
  /** Steps done. */
  step: number;
  /** Time spent on them. */
  seconds: number;
  /** `RunFolder.identity` of the run it belongs to. */
  identity: string;
  state: ReadonlyMap<string, Tensor>;
}

/** Writes tensors and text under their names. */
export async function writeTensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string>,
): Promise<void> {
  const stored = new Map<string, SafetensorsTensor>();
  for (const [name, tensor] of tensors) {
    const { dtype, shape } = tensor;
    const entry = { dtype: storedTypes[dtype], shape: [...shape], data: await tensor.data() };
    stored.set(name, entry as SafetensorsTensor);
  }
  writeFileAtomically(file, encodeSafetensors(stored, metadata));
}

/** Reads tensors onto the current device. @throws Error with one line for a file that is missing, cut short or foreign */
export function readTensors(file: string): { tensors: Map<string, Tensor>; metadata: Map<string, string> } {
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  try {
    const { tensors, metadata } = decodeSafetensors(readFileSync(file));
    const entries = [...tensors].map(([name, { data, shape }]): [string, Tensor] => [
      name,
      fromTypedArray(data, shape),
    ]);
    return { tensors: new Map(entries), metadata };
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const { step, seconds, identity, state } = checkpoint;
  await writeTensors(file, state, {
    format: FORMAT,
    version: VERSION,
    step: String(step),
    seconds: String(seconds),
    identity,
  });
}

/** @throws Error with one line for anything but a whole checkpoint of the run with this identity */
export function readCheckpoint(file: string, identity: string): Checkpoint {
  const { tensors, metadata } = readTensors(file);
  if (metadata.get('format') !== FORMAT) {
    throw new Error(`${file} is a safetensors file of something else, not a hopgrad checkpoint`);
  }
  if (metadata.get('version') !== VERSION) {
    throw new Error(
      `${file} has checkpoint version ${metadata.get('version')}, this hopgrad reads ${VERSION}; use the one that wrote it`,
    );
  }
  if (metadata.get('identity') !== identity) {
    throw new Error(
      `${file} belongs to another config.json or tokenizer.json than the one beside it; put the right one back`,
    );
  }
  const step = Number(metadata.get('step'));
  const seconds = Number(metadata.get('seconds'));
  if (!Number.isSafeInteger(step) || !(seconds >= 0))
    throw new Error(`${file} does not say which step it is of`);
  return { step, seconds, identity, state: tensors };
}

/** @throws Error where a configuration asks for more than the weights saved for it: a damaged one could fill the memory */
export function checkSize(file: string, weights: ReadonlyMap<string, Tensor>, model: ModelConfig): void {
  const held = [...weights.values()].reduce((sum, { size }) => sum + size, 0);
  if (matrixSize(model) <= held) return;
  throw new Error(`${file} holds a smaller model than config.json says; put the right one back`);
}

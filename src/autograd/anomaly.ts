/**
 * Anomaly mode: finds the first op that makes a NaN or an infinity, forward or backward, and says where in the model
 * it stands. It reads every result back, so it is for looking for a fault, not for training.
 */
import { OpError, shapeText } from '../tensor/errors.ts';
import { indexAt } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

let active = false;
const path: string[] = [];

export function isAnomalyMode(): boolean {
  return active;
}

/** Runs `body` with anomaly mode on. Throws OpError at the first op whose result is not finite. */
export function detectAnomaly<T>(body: () => T): T {
  const before = active;
  active = true;
  try {
    return body();
  } finally {
    active = before;
  }
}

/** Names the part of the model that `body` belongs to, for anomaly reports. */
export function inModule<T>(name: string, body: () => T): T {
  path.push(name);
  try {
    return body();
  } finally {
    path.pop();
  }
}

/** Where in the model the current op stands, such as `layers.2.attention`; empty outside any module. */
export function modulePath(): string {
  return path.join('.');
}

/** Throws if `output` holds a NaN or an infinity. */
export function checkFinite(op: string, inputs: readonly Tensor[], output: Tensor, where: string): void {
  if (output.dtype !== 'float32' && output.dtype !== 'float64') return;
  const values = output.toTypedArray();
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const place = where ? ` in ${where}` : '';
  const finite = inputs.every((x) => x.toTypedArray().every((value) => Number.isFinite(value)));
  throw new OpError(
    op,
    `made ${values[at]} at [${indexAt(at, output.shape).join(', ')}]${place} from inputs ${inputs.map((x) => shapeText(x.shape)).join(', ')}` +
      `${finite ? ', which were finite' : ''}; result ${shapeText(output.shape)}`,
  );
}

/** Whether ops record themselves for `backward`. */
import { OpError } from '../tensor/errors.ts';

let enabled = true;

export function isGradEnabled(): boolean {
  return enabled;
}

/** Runs `body` with recording on or off, and restores the mode whatever happens. */
export function withGradMode<T>(mode: boolean, body: () => T): T {
  const before = enabled;
  enabled = mode;
  try {
    return body();
  } finally {
    enabled = before;
  }
}

/**
 * Runs `body` without recording: for evaluation, generation and optimizer steps.
 *
 * @throws OpError if `body` is asynchronous: what it does after its first `await` would be recorded
 */
export function noGrad<T>(body: () => T): T {
  const result = withGradMode(false, body);
  if (result instanceof Promise) {
    throw new OpError(
      'noGrad',
      'the function returned a promise, and recording is on again before it goes on; ' +
        'await outside, and wrap each synchronous part in noGrad',
    );
  }
  return result;
}

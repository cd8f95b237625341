/** Whether ops record themselves for `backward`. */

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

/** Runs `body` without recording: for evaluation, generation and optimizer steps. `body` must be synchronous. */
export function noGrad<T>(body: () => T): T {
  return withGradMode(false, body);
}

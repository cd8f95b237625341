import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** One Ctrl-C may arrive twice, from the terminal and from npm; only what comes later counts as the second. */
const ONE_PRESS_MS = 300;

/**
 * Watches for Ctrl-C (and SIGTERM). The first asks the work to come to an end, by `signal`; the second ends the process
 * at once, even in the middle of a computation, as the system does by default.
 */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;
  #press: Promise<void> | null = null;
  /** What to exit with: 130 after Ctrl-C, 143 after SIGTERM; undefined where nothing was received. */
  exitCode: number | undefined;

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    process.on('SIGINT', this.#handle).on('SIGTERM', this.#handle);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** To be awaited before long computations: from then on a second Ctrl-C works. */
  async settled(): Promise<void> {
    await this.#press;
  }

  close(): void {
    process.off('SIGINT', this.#handle).off('SIGTERM', this.#handle);
  }

  readonly #handle = (name: NodeJS.Signals): void => {
    if (this.exitCode !== undefined) return;
    this.exitCode = 128 + constants.signals[name];
    this.#press = delay(ONE_PRESS_MS).then(() => this.close());
    this.#controller.abort();
    this.#onFirst();
  };
}

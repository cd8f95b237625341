/**
 * A scope is a stretch of library code whose end is known, such as one training step. Storages made in it and held by
 * nobody are freed at its end, on devices whose memory the garbage collector does not see. Users never meet it: what
 * they make stands outside any scope and is ordinary collected memory.
 */

/** What a scope needs to know of a storage. */
export interface Scoped {
  /** Whether the tape, `.grad` or a keeper holds it (see `Storage.retain`). */
  readonly held: boolean;
  free(): void;
  /** Told when its scope ends while it is held: when let go, it belongs to the scope then open. */
  outlive(): void;
}

let open: Scoped[] | null = null;

/** Called by every new storage. */
export function adopt(storage: Scoped): void {
  open?.push(storage);
}

/**
 * Runs `body` (synchronous); afterwards frees every storage made in it that is not held. What `body` returns is not
 * spared: return numbers, or retain the storage of a tensor that is to live on.
 */
export function inScope<T>(body: () => T): T {
  const outer = open;
  const mine: Scoped[] = [];
  open = mine;
  try {
    return body();
  } finally {
    open = outer;
    for (const storage of mine) {
      if (!storage.held) storage.free();
      else if (outer) outer.push(storage);
      else storage.outlive();
    }
  }
}

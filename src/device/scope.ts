/**
 * A scope is a stretch of library code whose end is known, such as one training step. Storages made in it and held by
 * nobody are freed at its end, on devices whose memory the garbage collector does not see. Users never meet it: what
 * they make stands outside any scope and is ordinary collected memory.
 */
/** What a scope needs to know of a storage. */
export interface Scoped {
  readonly held: boolean;
  free(): void;
}

let open: Scoped[] | null = null;

/** Called by every new storage. */
export function adopt(storage: Scoped): void {
  open?.push(storage);
}

/** Runs `body`; afterwards frees every storage made in it that is not held (see `Storage.retain`). */
export function inScope<T>(body: () => T): T {
  const outer = open;
  const mine: Scoped[] = [];
  open = mine;
  try {
    return body();
  } finally {
    open = outer;
    // Newest first: a pending result lets go of its inputs before they are looked at.
    for (const storage of mine.reverse()) {
      if (!storage.held) storage.free();
      else outer?.push(storage);
    }
  }
}

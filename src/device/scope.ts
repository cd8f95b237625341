/**
 * A scope is a stretch of library code whose end is known, such as one training step. Storages made in it and held by
 * nobody are freed at its end, on devices whose memory the garbage collector does not see. Users never meet it: what
 * they make stands outside any scope and is ordinary collected memory.
 */

/** What a scope needs to know of a storage. */
export interface Scoped {
  /** Whether the tape, `.grad` or a keeper holds it (see `Storage.retain`). */
  readonly held: boolean;
  /** The scope that sees to its end. */
  readonly scope: Scope | null;
  free(): void;
  /** Puts another scope in charge; without one, the garbage collector. */
  moveTo(scope: Scope | null): void;
  /** Told when its scope ends while it is held: it is left to the garbage collector, or to the scope that is open when it is let go. */
  outlive(): void;
}

let open: Scope | null = null;

/** The scope to which new storages belong; null where the garbage collector sees to them. */
export function openScope(): Scope | null {
  return open;
}

export class Scope {
  readonly #storages: Scoped[] = [];

  /** Called by a storage that is put in this scope's charge. */
  add(storage: Scoped): void {
    this.#storages.push(storage);
  }

  /** How many storages stand here: where those made from now on begin, for `sweep`. */
  get mark(): number {
    return this.#storages.length;
  }

  /** Runs `body` (synchronous); what is made in it belongs to this scope. */
  run<T>(body: () => T): T {
    const outer = open;
    open = this;
    try {
      return body();
    } finally {
      open = outer;
    }
  }

  /** Frees at once what was made since `mark` and nobody holds, but for `spared`. */
  sweep(mark: number, spared: Scoped | null = null): void {
    const storages = this.#storages;
    if (storages.length === mark) return;
    let kept = mark;
    for (let i = mark; i < storages.length; i++) {
      const storage = storages[i];
      if (storage.scope !== this) continue;
      if (storage === spared || storage.held) storages[kept++] = storage;
      else storage.free();
    }
    while (storages.length > kept) storages.pop();
  }

  /** Frees what nobody holds; the rest belongs to the scope that is open now, or lives on. */
  end(): void {
    for (const storage of this.#storages) {
      if (storage.scope !== this) continue;
      if (!storage.held) storage.free();
      else if (open) storage.moveTo(open);
      else storage.outlive();
    }
  }
}

/**
 * Runs `body` (synchronous) in a scope of its own, which ends with it. What `body` returns is not spared: return
 * numbers, or retain the storage of a tensor that is to live on.
 */
export function inScope<T>(body: () => T): T {
  const scope = new Scope();
  try {
    return scope.run(body);
  } finally {
    scope.end();
  }
}

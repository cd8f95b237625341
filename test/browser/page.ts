/** What a page has and Node lacks, as far as it is used here, and what is expected of the cpu device there. */

export interface PageWorker {
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
  terminate(): void;
}

export interface Page {
  crossOriginIsolated: boolean;
  navigator: { hardwareConcurrency: number };
  Worker: new (url: string | URL, options: { type: 'module' }) => PageWorker;
  /** Of a worker only: to the page. */
  postMessage(message: unknown): void;
}

/** The page, or the worker, that this runs in. */
export const page: Page = globalThis as unknown as Page;

/** How many threads the cpu device is to have. */
export function threadsExpected(): number {
  return page.crossOriginIsolated ? Math.min(page.navigator.hardwareConcurrency, 8) : 1;
}

/** What its description says of them. */
export function cpuExpected(): RegExp {
  if (!page.crossOriginIsolated) {
    return /^WebAssembly SIMD.* on one thread \(memory cannot be shared here \(a page must be cross-origin isolated\)\);/;
  }
  const threads = threadsExpected();
  return threads === 1
    ? /^WebAssembly SIMD.* on one thread /
    : new RegExp(`^WebAssembly SIMD.* on ${threads} threads;`);
}

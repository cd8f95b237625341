// What the peers in JavaScript read.

/** Whole numbers from 0 below `vocabulary`, one a token. */
export function randomIds(tokens, vocabulary) {
  return Int32Array.from({ length: tokens }, () => Math.floor(Math.random() * vocabulary));
}

/** (sequence, sequence): 0 where a query may read a key, a very negative number where not. */
export function causalMask(sequence) {
  return Float32Array.from({ length: sequence ** 2 }, (_, i) =>
    i % sequence > Math.floor(i / sequence) ? -1e9 : 0,
  );
}

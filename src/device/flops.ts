/** Floating-point operations, counted as they run: every kernel launch adds what it really did. */

let total = 0;

export function countFlops(operations: number): void {
  total += operations;
}

/** Operations executed since the program started; take differences. */
export function flopsSoFar(): number {
  return total;
}

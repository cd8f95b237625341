/** How hopgrad says that something is wrong: one line with the op, the shapes, the axis and the remedy. */

/** A mistake in how an op was called. The message is a single line. */
export class OpError extends Error {
  readonly op: string;

  /**
   * @param op name of the op that refuses
   * @param problem what is wrong, naming shapes, axes and values
   * @param suggestion an expression that would work, asked as "Did you mean …?"
   */
  constructor(op: string, problem: string, suggestion = '') {
    super(`${op}: ${problem}.${suggestion ? ` Did you mean ${suggestion}?` : ''}`);
    this.name = 'OpError';
    this.op = op;
  }
}

/** (2, 3), as shapes are written in every message. */
export function shapeText(shape: readonly number[]): string {
  return `(${shape.join(', ')})`;
}

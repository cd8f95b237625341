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
    super(`${op}: ${problem}.${suggestion ? ` Did you mean ${suggestion}?` : ''}`.replace(/\s+/g, ' '));
    this.name = 'OpError';
    this.op = op;
  }
}

/** The first names of a list, and how many follow. */
export function few(names: readonly string[]): string {
  const first = names.slice(0, 3).join(', ').slice(0, 200) || 'none';
  return names.length > 3 ? `${first} and ${names.length - 3} more` : first;
}

/** (2, 3), as shapes are written in every message. */
export function shapeText(shape: readonly number[]): string {
  return `(${shape.join(', ')})`;
}

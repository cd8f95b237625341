import { expect } from 'vitest';
import { OpError } from '../../src/index.ts';

/** The messages of some mistakes, a line each. */
export function said(mistakes: (() => unknown)[]): string {
  return mistakes
    .map((mistake) => {
      try {
        mistake();
      } catch (error) {
        expect(error).toBeInstanceOf(OpError);
        const { message, op } = error as OpError;
        expect(message.startsWith(`${op}: `), message).toBe(true);
        expect(message, 'one line').not.toContain('\n');
        return message;
      }
      throw new Error(`no error: ${mistake}`);
    })
    .join('\n');
}

/** The state of a live page goes into an address and comes back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readState, writeState } from '../../../docs/.vitepress/theme/live/url-state.ts';

const defaults = { text: 'a * b', steps: 3, hard: false, logits: [0, 1] };

describe('the state of a page in its address', () => {
  test('what stands at its default is left out', () => {
    expect(writeState(defaults, defaults)).toBe('');
    expect(writeState({ ...defaults, steps: 4 }, defaults)).toBe('?steps=4');
    expect(writeState({ ...defaults, logits: [0.5, -1] }, defaults)).toBe('?logits=0.5,-1');
  });

  test('every state comes back as it was', () => {
    const states = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      steps: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      hard: fc.boolean(),
      logits: fc.array(fc.integer()),
    });
    fc.assert(
      fc.property(states, (state) => {
        expect(readState(writeState(state, defaults), defaults)).toEqual(state);
      }),
    );
  });

  test('what does not read as its kind is passed over', () => {
    expect(readState('?steps=many&hard=yes&logits=1,x&other=1', defaults)).toEqual(defaults);
    expect(readState('?steps=&logits=', defaults)).toEqual({ ...defaults, logits: [] });
    expect(readState('steps=Infinity', defaults)).toEqual(defaults);
  });

  test('other parts of a query stay', () => {
    expect(writeState({ ...defaults, hard: true }, defaults, '?from=mail&steps=9')).toBe('?from=mail&hard=1');
  });

  test('a state of its own: the defaults do not change with it', () => {
    readState('', defaults).logits.push(2);
    expect(defaults.logits).toEqual([0, 1]);
  });
});
